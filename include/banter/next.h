// The decision of a middleware.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "banter/export.h"
#include "banter/json.h"

namespace banter {

namespace detail {
struct PendingDecision;
BANTER_API void accept(const std::shared_ptr<PendingDecision>& decision);
BANTER_API void refuse(const std::shared_ptr<PendingDecision>& decision, std::string message, json data);
}  // namespace detail

// Lets a client go on to the next middleware, or refuses it: once, from any thread, now or later. Copies are
// the same decision. If the last copy is gone and nothing was decided the client is refused with "internal
// error".
class Next {
 public:
  explicit Next(std::shared_ptr<detail::PendingDecision> decision) noexcept
      : decision_(std::move(decision)) {}

  void operator()() const { detail::accept(decision_); }

  // The client's `connect_error` gets `message`, and `data` unless it is null.
  void refuse(std::string message, json data = nullptr) const {
    detail::refuse(decision_, std::move(message), std::move(data));
  }

 private:
  std::shared_ptr<detail::PendingDecision> decision_;
};

}  // namespace banter
