// Which Engine.IO requests are accepted: the checks in their order, and the answers to those that fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/query.h"

namespace banter::engine {

enum class RefusalCode : std::uint8_t {
  unknown_transport = 0,
  unknown_sid = 1,
  bad_handshake_method = 2,
  bad_request = 3,
  forbidden = 4,
  unsupported_version = 5,
};

struct Refusal {
  RefusalCode code;
  std::string_view context;  // for the application and the log, as "TRANSPORT_MISMATCH"; static
};

// What its client is told.
[[nodiscard]] std::string_view message_of(const Refusal& refusal) noexcept;

// What a page is told whose origin is refused; names the option that would let it in.
inline constexpr std::string_view origin_refused =
    "Forbidden: this page's origin is neither the server's own nor listed in Options::cors.origins";

// {"code":1,"message":"Session ID unknown"}.
[[nodiscard]] std::string body_of(RefusalCode code, std::string_view message);

// What the checks look at.
struct HandshakeRequest {
  std::string_view method;
  const Query& query;
  std::optional<std::string_view> origin;
  bool is_upgrade = false;         // wants to become a WebSocket
  bool is_origin_allowed = false;  // also without an Origin, and for the page's own host
  bool serves_polling = true;
  bool serves_websocket = true;
};

// A session that a request names.
struct KnownSession {
  bool is_websocket = false;  // its present transport
};

// All checks but those that follow the application's decision: that of the revision of a new session comes
// last. `session` is null if the sid is not that of a live session; it is only asked about if there is a sid.
[[nodiscard]] std::optional<Refusal> check_request(const HandshakeRequest& request,
                                                   const KnownSession* session);

}  // namespace banter::engine
