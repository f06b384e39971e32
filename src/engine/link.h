// What a Socket.IO connection needs below it: send a packet, close, tell what is still queued. Engine.IO
// sessions and plain JSON connections implement it; the layer above sees no transport.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "banter/bytes.h"
#include "banter/reason.h"
#include "banter/send_result.h"
#include "base/shared_bytes.h"
#include "loop/output_queue.h"

namespace banter::engine {

class HandshakeRecord;

// The bytes a packet takes on the wire. Links of one kind can share them.
enum class FormKind : std::uint8_t {
  websocket,         // Engine.IO over WebSocket: the text with its type, attachments as binary messages
  websocket_base64,  // the same for a client that cannot take binary messages
  polling,           // Engine.IO over long-polling: part of a payload, attachments in base64
  native,            // plain JSON events: one WebSocket text message
};
inline constexpr std::size_t form_kinds = 4;

// Called on the loop's thread. Any call may lead to the link being closed, none destroys it.
class LinkHandler {
 public:
  // The link can be used from now on; the first call.
  virtual void on_open() {}

  // One message of the peer; valid until the call returns. Text is valid UTF-8.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_binary(BytesView bytes) = 0;

  // The last call, exactly once, never from inside a call of the handler's own on the link.
  virtual void on_close(const DisconnectReason& reason) = 0;

 protected:
  ~LinkHandler() = default;
};

// All on the loop's thread.
class Link {
 public:
  // Sends a packet whose text is `parts` in a row (copied), followed by `attachments`, as one entry of the
  // queue.
  virtual SendResult send(std::span<const std::string_view> parts,
                          std::span<const base::SharedBytes> attachments, loop::Policy policy) = 0;

  // Sends what make_form() made for form_kind(). Used by broadcasts, which many links share.
  virtual SendResult send_form(const base::SharedBytes& form, loop::Policy policy) = 0;
  [[nodiscard]] virtual FormKind form_kind() const noexcept = 0;

  // Sends what is queued, then closes. Nothing is delivered any more; on_close follows with `reason`.
  virtual void close(DisconnectReason reason) = 0;

  [[nodiscard]] virtual std::size_t buffered() const noexcept = 0;
  [[nodiscard]] virtual HandshakeRecord& handshake() noexcept = 0;

 protected:
  ~Link() = default;
};

// The wire form of a packet with this text and these attachments.
[[nodiscard]] base::SharedBytes make_form(FormKind kind, std::string_view text,
                                          std::span<const Bytes> attachments);

}  // namespace banter::engine
