#include "banter/error.h"

namespace banter {

namespace {

class AckCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "banter.ack"; }
  std::string message(int code) const override {
    switch (static_cast<AckError>(code)) {
      case AckError::timeout: return "no acknowledgement within the deadline";
      case AckError::disconnected: return "the socket is gone";
      case AckError::bad_reply: return "the acknowledgement does not fit the callback's parameters";
    }
    return "unknown";
  }
};

}  // namespace

const std::error_category& ack_category() noexcept {
  static const AckCategory category;
  return category;
}

}  // namespace banter
