#include "load/failure.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace bench {

void fail_with_errno(const char* call) {
  throw Failure(std::string(call) + ": " + std::strerror(errno));
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 200;
  return "'" + std::string(text.substr(0, longest)) + (text.size() > longest ? "...'" : "'");
}

}  // namespace bench
