// What a Socket.IO connection needs below it: send a packet, close, tell what is still queued. Engine.IO
// sessions and plain JSON connections implement it; the layer above sees no transport.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "banter/bytes.h"
#include "banter/message_kind.h"
#include "banter/reason.h"
#include "banter/send_result.h"
#include "banter/transport.h"
#include "base/compress.h"
#include "base/shared_bytes.h"
#include "loop/output_queue.h"

namespace banter::websocket {
class Compressors;
}

namespace banter::engine {

class HandshakeRecord;

// The bytes a packet takes on the wire. Links of one kind can share them.
enum class FormKind : std::uint8_t {
  websocket,         // Engine.IO over WebSocket: the text with its type, attachments as binary messages
  websocket_base64,  // the same for a client that cannot take binary messages
  polling,           // Engine.IO over long-polling: part of a payload, attachments in base64
  native,            // plain JSON events: one WebSocket text message

  // The same as their namesakes, compressed without context: for links whose WebSockets have agreed on that.
  websocket_deflated,
  native_deflated,
};
inline constexpr std::size_t form_kinds = 6;

// How one message is sent.
struct Delivery {
  constexpr Delivery(loop::Policy its_policy = loop::Policy::queue, Compress compresses = Compress::yes,
                     std::string_view its_key = {}) noexcept
      : policy(its_policy), compress(compresses), key(its_key) {}

  loop::Policy policy;
  Compress compress;     // whether it may be, where that is agreed on
  std::string_view key;  // what Policy::latest goes by
};

// Called on the loop's thread. Any call may lead to the link being closed, none destroys it.
class LinkHandler {
 public:
  // The link can be used from now on; the first call.
  virtual void on_open() {}

  // One message of the peer; valid until the call returns. Text is valid UTF-8.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_binary(BytesView bytes) = 0;

  // The link has changed from long-polling to WebSocket.
  virtual void on_upgrade() {}

  // What was left over for the peer has fallen to half of high_water, having been above it.
  virtual void on_drain() {}

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
                          std::span<const base::SharedBytes> attachments, Delivery delivery) = 0;

  // Sends what FormMaker made for form_kind() with the same delivery. Used by broadcasts, which many links
  // share.
  virtual SendResult send_form(const base::SharedBytes& form, Delivery delivery) = 0;
  [[nodiscard]] virtual FormKind form_kind(Compress compress) const noexcept = 0;

  // Sends what is queued, then closes. Nothing is delivered any more; on_close follows with `reason`.
  virtual void close(DisconnectReason reason) = 0;

  [[nodiscard]] virtual std::size_t buffered() const noexcept = 0;
  [[nodiscard]] virtual banter::Transport transport() const noexcept = 0;

  // False on long-polling while the client holds no request: what is sent waits for the next one.
  [[nodiscard]] virtual bool is_reachable() const noexcept = 0;
  [[nodiscard]] virtual HandshakeRecord& handshake() noexcept = 0;

 protected:
  ~Link() = default;
};

// Makes the wire forms of packets. Belongs to one thread.
class FormMaker {
 public:
  // `compressors` may be null: then no link has the deflated kinds. Else they outlive the maker.
  explicit FormMaker(websocket::Compressors* compressors = nullptr) noexcept : compressors_(compressors) {}

  [[nodiscard]] base::SharedBytes make(FormKind kind, std::string_view text,
                                       std::span<const Bytes> attachments) const;

 private:
  void append(std::string& frames, FormKind kind, MessageKind message, std::string_view payload) const;

  websocket::Compressors* compressors_;
};

}  // namespace banter::engine
