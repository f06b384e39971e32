#include "engine/handshake.h"

#include <algorithm>
#include <array>

namespace banter::engine {

namespace {

constexpr std::array<std::string_view, 6> messages{
    "Transport unknown", "Session ID unknown", "Bad handshake method",
    "Bad request",       "Forbidden",          "Unsupported protocol version"};

constexpr std::array<std::string_view, 6> bodies{R"({"code":0,"message":"Transport unknown"})",
                                                 R"({"code":1,"message":"Session ID unknown"})",
                                                 R"({"code":2,"message":"Bad handshake method"})",
                                                 R"({"code":3,"message":"Bad request"})",
                                                 R"({"code":4,"message":"Forbidden"})",
                                                 R"({"code":5,"message":"Unsupported protocol version"})"};

bool has_only_header_characters(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool is_given(const std::optional<std::string_view>& value) noexcept {
  return value && !value->empty();
}

std::optional<Refusal> check_transport_and_origin(const HandshakeRequest& request) {
  if (request.transport != "websocket") return Refusal{RefusalCode::unknown_transport, "TRANSPORT_UNKNOWN"};
  if (request.origin && !has_only_header_characters(*request.origin)) {
    return Refusal{RefusalCode::bad_request, "INVALID_ORIGIN"};
  }
  const bool is_allowed = is_same_origin(request.origin, request.host) || request.is_origin_allowed;
  if (request.is_upgrade && !is_allowed) return Refusal{RefusalCode::forbidden, "ORIGIN_NOT_ALLOWED"};
  return std::nullopt;
}

std::optional<Refusal> check_session(const HandshakeRequest& request, const KnownSession* session) {
  if (!session) return Refusal{RefusalCode::unknown_sid, "UNKNOWN_SID"};
  if (!request.is_upgrade && !session->is_websocket)
    return Refusal{RefusalCode::bad_request, "TRANSPORT_MISMATCH"};
  if (request.revision != "4") return Refusal{RefusalCode::bad_request, "PROTOCOL_MISMATCH"};
  return std::nullopt;
}

std::optional<Refusal> check_opening(const HandshakeRequest& request) {
  if (request.method != "GET") return Refusal{RefusalCode::bad_handshake_method, "BAD_HANDSHAKE_METHOD"};
  if (!request.is_upgrade) return Refusal{RefusalCode::bad_request, "TRANSPORT_HANDSHAKE_ERROR"};
  if (request.revision != "4")
    return Refusal{RefusalCode::unsupported_version, "UNSUPPORTED_PROTOCOL_VERSION"};
  return std::nullopt;
}

// What stands behind "://", lower case not needed: browsers send it so.
std::string_view authority_of(std::string_view origin) noexcept {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

}  // namespace

std::string_view message_of(RefusalCode code) noexcept {
  return messages[static_cast<std::size_t>(code)];
}

std::string_view body_of(RefusalCode code) noexcept {
  return bodies[static_cast<std::size_t>(code)];
}

std::optional<Refusal> check_request(const HandshakeRequest& request, const KnownSession* session) {
  if (const auto refusal = check_transport_and_origin(request)) return refusal;
  return is_given(request.sid) ? check_session(request, session) : check_opening(request);
}

bool is_same_origin(std::optional<std::string_view> origin, std::string_view host) noexcept {
  return !origin || (!host.empty() && authority_of(*origin) == host);
}

}  // namespace banter::engine
