#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace churn {

// Ends the run: after an error there is no result worth reporting, so only main catches it.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void fail_with_errno(const std::string& call) {
  throw Failure(call + ": " + std::system_category().message(errno));
}

}  // namespace churn
