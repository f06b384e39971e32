#include "load/message.h"

#include "load/failure.h"

namespace bench {
namespace {

constexpr std::size_t digits = 16;
constexpr std::string_view end = "\"]";

}  // namespace

Message::Message(std::string_view event, std::size_t size) : text_{"42[\"" + std::string(event) + "\",\""} {
  number_at_ = text_.size();
  const std::size_t smallest = number_at_ + digits + end.size();
  if (size < smallest) throw Failure("the smallest message is " + std::to_string(smallest) + " bytes");
  text_.append(digits, '0').append(size - smallest, 'x').append(end);
}

std::string_view Message::numbered(std::uint64_t number) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  for (std::size_t digit = digits; digit-- > 0; number >>= 4)
    text_[number_at_ + digit] = hexadecimal[number & 15];
  return text_;
}

}  // namespace bench
