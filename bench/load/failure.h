#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

// Ends the run. A server that does anything but what was asked of it has no numbers worth reporting, so
// this program has no way to go on after an error: everything throws this, and only main catches it.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The same, naming the system call and what errno says about it.
[[noreturn]] void fail_with_errno(const char* call);

// The start of what a server has sent, for a message.
std::string quoted(std::string_view text);

}  // namespace bench
