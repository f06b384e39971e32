// Which Engine.IO requests are accepted: the checks in their order, and the answers to those that fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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

[[nodiscard]] std::string_view message_of(RefusalCode code) noexcept;

// {"code":1,"message":"Session ID unknown"}: static.
[[nodiscard]] std::string_view body_of(RefusalCode code) noexcept;

// What the checks look at. Views into the request; the query's values are decoded.
struct HandshakeRequest {
  std::string_view method;
  std::optional<std::string_view> transport, sid, revision;  // `transport`, `sid` and `EIO` of the query
  std::optional<std::string_view> origin;
  std::string_view host;
  bool is_upgrade = false;         // wants to become a WebSocket
  bool is_origin_allowed = false;  // by the application's configuration
};

// A session that a request names.
struct KnownSession {
  bool is_websocket = false;  // its present transport
};

// `session` is null if the sid is not that of a live session; it is only asked about if there is a sid.
[[nodiscard]] std::optional<Refusal> check_request(const HandshakeRequest& request,
                                                   const KnownSession* session);

// True without an Origin header, and for the page's own host and port.
[[nodiscard]] bool is_same_origin(std::optional<std::string_view> origin, std::string_view host) noexcept;

}  // namespace banter::engine
