#include "engine/handshake.h"

#include <algorithm>
#include <array>

#include "banter/encode.h"

namespace banter::engine {

namespace {

constexpr std::string_view polling = "polling";
constexpr std::string_view websocket = "websocket";
constexpr std::string_view origin_not_allowed = "ORIGIN_NOT_ALLOWED";

constexpr std::array<std::string_view, 6> messages{
    "Transport unknown", "Session ID unknown", "Bad handshake method",
    "Bad request",       "Forbidden",          "Unsupported protocol version"};

bool has_only_header_characters(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool is_served(const HandshakeRequest& request) noexcept {
  const std::string_view transport = request.query.transport;
  return (transport == polling && request.serves_polling) ||
         (transport == websocket && request.serves_websocket);
}

std::optional<Refusal> check_transport_and_origin(const HandshakeRequest& request) {
  if (!is_served(request)) return Refusal{RefusalCode::unknown_transport, "TRANSPORT_UNKNOWN"};
  if (request.query.wants_jsonp && request.query.transport == polling)
    return Refusal{RefusalCode::bad_request, "JSONP_NOT_SUPPORTED"};
  if (request.origin && !has_only_header_characters(*request.origin))
    return Refusal{RefusalCode::bad_request, "INVALID_ORIGIN"};
  if (request.is_upgrade && !request.is_origin_allowed)
    return Refusal{RefusalCode::forbidden, origin_not_allowed};
  return std::nullopt;
}

std::optional<Refusal> check_session(const HandshakeRequest& request, const KnownSession* session) {
  if (!session) return Refusal{RefusalCode::unknown_sid, "UNKNOWN_SID"};
  const bool asks_for_websocket = request.query.transport == websocket;
  const bool fits = request.is_upgrade ? asks_for_websocket : !asks_for_websocket && !session->is_websocket;
  if (!fits) return Refusal{RefusalCode::bad_request, "TRANSPORT_MISMATCH"};
  if (!request.query.has_revision_4()) return Refusal{RefusalCode::bad_request, "PROTOCOL_MISMATCH"};
  return std::nullopt;
}

std::optional<Refusal> check_opening(const HandshakeRequest& request) {
  if (request.method != "GET") return Refusal{RefusalCode::bad_handshake_method, "BAD_HANDSHAKE_METHOD"};
  if (request.is_upgrade != (request.query.transport == websocket))
    return Refusal{RefusalCode::bad_request, "TRANSPORT_HANDSHAKE_ERROR"};
  return std::nullopt;
}

}  // namespace

std::string_view message_of(const Refusal& refusal) noexcept {
  if (refusal.context == origin_not_allowed) return origin_refused;
  return messages[static_cast<std::size_t>(refusal.code)];
}

std::string body_of(RefusalCode code, std::string_view message) {
  std::string body = "{\"code\":" + std::to_string(static_cast<int>(code)) + ",\"message\":";
  Encoder(body).write_string(message);
  return body += "}";
}

std::optional<Refusal> check_request(const HandshakeRequest& request, const KnownSession* session) {
  if (const auto refusal = check_transport_and_origin(request)) return refusal;
  return request.query.names_session() ? check_session(request, session) : check_opening(request);
}

}  // namespace banter::engine
