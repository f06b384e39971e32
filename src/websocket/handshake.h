// The opening handshake (RFC 6455 section 4.2): checks a request, makes the answer.
//
// Of extensions (section 9.1) permessage-deflate is negotiated, if the endpoint wants it; others are declined
// by silence.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "websocket/extensions.h"
#include "websocket/header_field.h"

namespace banter::websocket {

// What the handshake looks at. The views must stay valid as long as the answer is used.
struct HandshakeRequest {
  std::string_view method;
  int http_major = 1;
  int http_minor = 1;
  std::span<const Field> fields;  // every header line of the request, repeated names included
};

struct Acceptance {
  std::string accept;  // the value of Sec-WebSocket-Accept
  std::string_view
      subprotocol;  // the one chosen, a view into the request; empty: none was offered, or none fits
  std::optional<DeflateAnswer> deflate = std::nullopt;  // the extension, if it was offered and is wanted
};

// An ordinary HTTP answer, after which the connection is closed.
struct Refusal {
  int status;                     // 400, 405, 426 or 500
  std::span<const Field> fields;  // header lines that belong to the status; static
  std::string_view body;          // what was wrong, as a line of text; static
};

// True for an HTTP/1.1 request that wants to become a WebSocket: `websocket` among the tokens of Upgrade and
// `upgrade` among those of Connection. Anything else is an ordinary request (RFC 9110 section 7.8).
[[nodiscard]] bool is_websocket_request(const HandshakeRequest& request) noexcept;

// Of the subprotocols a client offers the first that `supported` names is chosen; the very first if nothing
// is said. Null `deflate`: the extension is not used.
using Subprotocols = std::optional<std::span<const std::string_view>>;
[[nodiscard]] std::variant<Acceptance, Refusal> check_handshake(const HandshakeRequest& request,
                                                                Subprotocols supported = std::nullopt,
                                                                const DeflateSettings* deflate = nullptr);

// Sec-WebSocket-Accept for a key, used as the literal text. Nothing if OpenSSL offers no SHA-1.
[[nodiscard]] std::optional<std::string> accept_for(std::string_view key);

// The head of the 101 answer, `extra` header lines behind the fixed ones. Neither names nor values may hold
// CR or LF.
[[nodiscard]] std::string switching_protocols(const Acceptance& acceptance,
                                              std::span<const Field> extra = {});

}  // namespace banter::websocket
