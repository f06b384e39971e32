#include "loop/error.h"

#include <uv.h>

#include <string>

namespace banter::loop {

namespace {

class LoopCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "banter.loop"; }
  std::string message(int code) const override {
    switch (static_cast<Error>(code)) {
      case Error::slow_consumer: return "the peer does not read: more is left over than max_queue";
      case Error::stalled: return "the peer does not read: nothing was taken for stall_timeout";
      case Error::over_budget: return "the peer does not read: the budget of the process is spent";
    }
    return "unknown";
  }
};

class UvCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "libuv"; }
  std::string message(int code) const override {
    char text[128];
    return uv_strerror_r(code, text, sizeof text);
  }
};

}  // namespace

const std::error_category& loop_category() noexcept {
  static const LoopCategory category;
  return category;
}

const std::error_category& uv_category() noexcept {
  static const UvCategory category;
  return category;
}

}  // namespace banter::loop
