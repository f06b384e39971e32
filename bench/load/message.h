#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

// A Socket.IO event packet with one text argument, as in `42["echo","000000000000002axxxx"]`. The argument
// starts with a number that the caller changes from message to message: an answer that is lost, repeated,
// out of order or of another connection then differs from the one that is due.
class Message {
 public:
  // `size` is that of the whole packet. Throws Failure if there is no room for the number.
  Message(std::string_view event, std::size_t size);

  // The packet with this number. The text holds until the next call.
  std::string_view numbered(std::uint64_t number);

 private:
  std::size_t number_at_;
  std::string text_;
};

}  // namespace bench
