#include "http/line_reader.h"

#include <algorithm>
#include <utility>

#include "http/error.h"

namespace banter::http {

namespace {

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

// The bytes of a line in front of the first that is not part of it.
std::string_view plain_prefix(std::string_view input) noexcept {
  std::size_t length = 0;
  while (length < input.size() && !is_control(input[length]))
    ++length;
  return input.substr(0, length);
}

}  // namespace

LineReader::Event LineReader::read(std::string_view& input, std::size_t max) {
  if (std::exchange(is_complete_, false)) line_.clear();
  if (!saw_cr_) {
    const std::size_t room = max - std::min(max, line_.size());
    const std::string_view plain = plain_prefix(room < input.size() ? input.substr(0, room + 1) : input);
    if (plain.size() > room) return Event::too_long;
    line_.append(plain);
    input.remove_prefix(plain.size());
    if (input.empty()) return Event::need_input;
    if (input.front() != '\r') {
      error_ = input.front() == '\n' ? Error::bad_line_end : Error::control_byte;
      return Event::error;
    }
    saw_cr_ = true;
    input.remove_prefix(1);
  }
  if (input.empty()) return Event::need_input;
  if (input.front() != '\n') {
    error_ = Error::bad_line_end;
    return Event::error;
  }
  input.remove_prefix(1);
  saw_cr_ = false;
  is_complete_ = true;
  return Event::line;
}

}  // namespace banter::http
