// Why a client went, the same in the handler, the log and the metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "banter/export.h"

namespace banter {

// The kinds of reason; `to_text` gives the strings of the Socket.IO protocol.
enum class Reason : std::uint8_t {
  transport_close,       // the peer closed the WebSocket or its TCP connection, or sent an Engine.IO close
  transport_error,       // protocol error, message too big, a network error
  ping_timeout,          // no pong within Options::ping_timeout
  parse_error,           // an invalid Engine.IO packet
  slow_consumer,         // more left over than Options::max_queue, or nothing taken for stall_timeout
  forced_close,          // the server closed the session, also after an invalid Socket.IO packet
  forced_server_close,   // the same, of a Socket.IO client on long-polling that held no request just then
  server_shutting_down,  // Server::close or a drain
  client_namespace_disconnect,  // the client left the namespace
  server_namespace_disconnect,  // Socket::disconnect
};

inline constexpr std::size_t reasons = 10;

[[nodiscard]] BANTER_API std::string_view to_text(Reason reason) noexcept;

// Who ended a connection, and on which layer that was said or noticed.
enum class EndedBy : std::uint8_t { client, server, network };
enum class Layer : std::uint8_t { tcp, http, websocket, engine, socketio, application };

[[nodiscard]] BANTER_API std::string_view to_text(EndedBy by) noexcept;
[[nodiscard]] BANTER_API std::string_view to_text(Layer layer) noexcept;

// What a `disconnect` handler is given.
struct DisconnectReason {
  Reason kind = Reason::transport_close;

  // The WebSocket close code that was received or sent, 0 if there was none (RFC 6455 section 7.4).
  std::uint16_t close_code = 0;

  // The network's or a protocol layer's error, if one ended the connection.
  std::error_code error;

  // What went wrong in words, with the values that matter; empty for an orderly close.
  std::string detail;

  EndedBy by = EndedBy::client;
  Layer layer = Layer::engine;

  // How long ago the client was last heard of, and the bytes that waited for it, when it ended. Of Socket.IO,
  // plain JSON and bare Engine.IO connections.
  std::chrono::milliseconds idle{0};
  std::size_t queued = 0;

  // The string a Socket.IO user knows, as "ping timeout".
  [[nodiscard]] std::string_view text() const noexcept { return to_text(kind); }
};

}  // namespace banter
