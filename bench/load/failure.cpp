#include "load/failure.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace bench {

void fail_with_errno(const char* call) {
  throw Failure(std::string(call) + ": " + std::strerror(errno));
}

}  // namespace bench
