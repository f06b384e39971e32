// Engine.IO without Socket.IO: sessions that carry messages, over long-polling and WebSocket.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "banter/bytes.h"
#include "banter/export.h"
#include "banter/function.h"
#include "banter/handle.h"
#include "banter/handshake.h"
#include "banter/message_kind.h"
#include "banter/reason.h"
#include "banter/send_result.h"

namespace banter {

// One Engine.IO session: a value that names it, see Socket.
//
// Threads: any for send and close; handshake, transport and buffered belong to the session's Worker
// (elsewhere std::logic_error).
class BANTER_API EngineSocket {
 public:
  EngineSocket() = default;  // names nobody
  EngineSocket(detail::PortRef port, detail::Slot slot) noexcept : port_(std::move(port)), slot_(slot) {}

  // Answers as Socket::emit does. Text that is not UTF-8 is sent with U+FFFD in the place of bad sequences;
  // on long-polling the character U+001E, which separates packets there, as a blank.
  SendResult send(std::string_view text) const;
  SendResult send(const Bytes& bytes) const { return send(bytes.span()); }
  SendResult send(BytesView bytes) const;
  SendResult send(BytesView bytes, MessageKind kind) const;

  // Sends what is queued, then closes. On long-polling the client fetches it with its next poll.
  void close() const;

  [[nodiscard]] Handshake handshake() const;
  [[nodiscard]] std::string_view transport() const;  // "polling" or "websocket"; empty if it is gone
  [[nodiscard]] std::size_t buffered() const;        // bytes the client has not taken

  friend bool operator==(const EngineSocket& a, const EngineSocket& b) noexcept {
    return a.slot_ == b.slot_ && a.port_.get() == b.port_.get();
  }

 private:
  detail::PortRef port_;
  detail::Slot slot_;
};

// An Engine.IO endpoint. Its handlers run on the session's Worker; each may be left out. Times, limits and
// transports are those of Options.
struct EngineEndpoint {
  Function<void(EngineSocket)> on_open = {};

  // Text is valid UTF-8. The bytes are valid until the handler returns.
  Function<void(EngineSocket, BytesView, MessageKind)> on_message = {};

  // The last call for that session.
  Function<void(EngineSocket, DisconnectReason)> on_close = {};
};

}  // namespace banter
