// Who may open a session, and what those hear who may not.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "banter/export.h"
#include "banter/http.h"

namespace banter {

namespace detail {
struct PendingAdmission;
struct PendingAnswer;
BANTER_API void admit(const std::shared_ptr<PendingAdmission>& admission);
BANTER_API void refuse(const std::shared_ptr<PendingAdmission>& admission, std::string message);
}  // namespace detail

// Lets a handshake pass, or refuses it: once, from any thread, now or later. Copies are the same decision.
// Without one within Options::allow_request_timeout, or when the last copy is gone, it is refused.
class Admission {
 public:
  explicit Admission(std::shared_ptr<detail::PendingAdmission> admission) noexcept
      : admission_(std::move(admission)) {}

  void allow() const { detail::admit(admission_); }

  // The client gets 403 with {"code":4,"message":message}, or `message` alone if it wanted a WebSocket;
  // without a message "Forbidden".
  void refuse(std::string message = {}) const { detail::refuse(admission_, std::move(message)); }

 private:
  std::shared_ptr<detail::PendingAdmission> admission_;
};

// An Engine.IO request that was refused. Valid until the handler returns.
struct ConnectionError {
  const Request& request;

  // 0 unknown transport, 1 unknown session, 2 bad handshake method, 3 bad request, 4 forbidden, 5 unsupported
  // protocol version.
  int code;

  std::string_view message;  // what the client was told
  std::string_view context;  // which check failed, as "TRANSPORT_MISMATCH"
};

// Header fields for an answer that is yet to be sent.
class AnswerHeaders {
 public:
  explicit AnswerHeaders(detail::PendingAnswer& answer) noexcept : answer_(answer) {}
  AnswerHeaders(const AnswerHeaders&) = delete;
  AnswerHeaders& operator=(const AnswerHeaders&) = delete;

  // Throws std::invalid_argument for what cannot be a field, or is the server's own.
  BANTER_API void add(std::string_view name, std::string_view value);

 private:
  detail::PendingAnswer& answer_;
};

}  // namespace banter
