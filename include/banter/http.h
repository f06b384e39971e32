// HTTP and raw WebSockets beside Socket.IO, on the same port.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "banter/bytes.h"
#include "banter/export.h"
#include "banter/function.h"
#include "banter/handle.h"
#include "banter/message_kind.h"
#include "banter/reason.h"
#include "banter/send_result.h"

namespace banter {

namespace detail {
struct RequestParts;
struct PendingResponse;
struct Registration;
}  // namespace detail

// One HTTP request. Valid, with all views it gives, until the handler returns.
class BANTER_API Request {
 public:
  explicit Request(const detail::RequestParts& parts) noexcept : parts_(parts) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  [[nodiscard]] std::string_view method() const noexcept;
  [[nodiscard]] std::string_view path() const noexcept;  // decoded, without the query
  [[nodiscard]] std::string_view body() const noexcept;

  // What a `:name` segment of the route stood for, decoded; empty if the route has none of that name.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept;

  // The first header of that name, in any case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

  // The decoded query parameter; of several with that name the last.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;

 private:
  const detail::RequestParts& parts_;
};

// The answer to one request: from any thread, now or later, once; what comes second does nothing. Copies are
// the same answer. If the last copy goes unanswered the client gets 500.
class Response {
 public:
  explicit Response(std::shared_ptr<detail::PendingResponse> pending) noexcept
      : pending_(std::move(pending)) {}

  // Throws std::invalid_argument if the status is not 200 to 599 or `content_type` has a control character.
  BANTER_API void send(int status, std::string_view content_type, std::string body) const;

  // A header of the answer, set before send(). Throws std::invalid_argument for what cannot be one, or is the
  // server's.
  BANTER_API const Response& set_header(std::string_view name, std::string_view value) const;

 private:
  std::shared_ptr<detail::PendingResponse> pending_;
};

// Routes; added before `listen`, later std::logic_error. Handlers run on the connection's Worker.
//
// A pattern is a path whose segments may be `:name`, as "/room/:name". std::invalid_argument names a bad one,
// or one that is there already.
class Http {
 public:
  using Handler = Function<void(const Request&, Response)>;

  explicit Http(std::weak_ptr<detail::Registration> registration) noexcept
      : registration_(std::move(registration)) {}

  // Why a request is refused.
  struct Refusal {
    int status = 403;  // 400 to 599
    std::string text;
  };
  using Middleware = Function<std::optional<Refusal>(const Request&)>;

  // Looks at every request before anything else does, also at Engine.IO's and at WebSockets' handshakes; in
  // the order they were added, until one refuses. The body has not been read. Engine.IO answers a refusal
  // with its own code 3. What it throws goes to on_error, and the request is answered 500. For a decision
  // that takes time see Server::allow_request.
  BANTER_API void use(Middleware middleware) const;

  BANTER_API void get(std::string_view pattern, Handler handler) const;  // and HEAD

  // The body is read whole, up to HttpOptions::max_body; the handler is not called for a longer one (413).
  BANTER_API void post(std::string_view pattern, Handler handler) const;

  // Serves the files of `folder` below `prefix`, for paths that no route has. Throws std::system_error that
  // names the folder if it cannot be read.
  BANTER_API void files(std::string_view prefix, const std::string& folder) const;

 private:
  std::weak_ptr<detail::Registration> registration_;
};

// One raw WebSocket: a value that names it, see Socket.
//
// Threads: any for send and close; buffered belongs to the connection's Worker (elsewhere std::logic_error).
class BANTER_API WebSocket {
 public:
  WebSocket() = default;  // names nobody
  WebSocket(detail::PortRef port, detail::Slot slot) noexcept : port_(std::move(port)), slot_(slot) {}

  // Answers as Socket::emit does. Text that is not UTF-8 is sent with U+FFFD in the place of bad sequences.
  SendResult send(std::string_view text) const;
  SendResult send(const Bytes& bytes) const { return send(bytes.span()); }
  SendResult send(BytesView bytes) const;
  SendResult send(BytesView bytes, MessageKind kind) const;

  // Sends what is queued, then the close frame (RFC 6455 section 5.5.1). `code` is 1000 or 3000 to 4999;
  // another throws std::invalid_argument. A reason longer than 123 bytes is cut.
  void close(std::uint16_t code = 1000, std::string_view reason = {}) const;

  [[nodiscard]] std::size_t buffered() const;

  friend bool operator==(const WebSocket& a, const WebSocket& b) noexcept {
    return a.slot_ == b.slot_ && a.port_.get() == b.port_.get();
  }

 private:
  detail::PortRef port_;
  detail::Slot slot_;
};

// A raw WebSocket endpoint. Its handlers run on the connection's Worker; each may be left out. While more
// than Options::high_water waits to be sent to a client, nothing is read from it; on top of that there is
// room for one longest message, whatever Options::max_queue says.
struct WebSocketEndpoint {
  // Longest message a client may send, in bytes; a longer one closes it (1009).
  std::size_t max_message = 1'000'000;

  // Most frames of one message; more close it (1008).
  std::size_t max_fragments = 131'072;

  Function<void(WebSocket)> on_open = {};

  // Text is valid UTF-8. The bytes are valid until the handler returns.
  Function<void(WebSocket, BytesView, MessageKind)> on_message = {};

  // The last call for that connection.
  Function<void(WebSocket, DisconnectReason)> on_close = {};
};

}  // namespace banter
