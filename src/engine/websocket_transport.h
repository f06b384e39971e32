// Engine.IO over a WebSocket: one packet a message.
#pragma once

#include <memory>

#include "engine/transport.h"
#include "websocket/connection.h"

namespace banter::engine {

// Why a WebSocket's end means what it means to a session.
[[nodiscard]] DisconnectReason to_reason(const websocket::CloseInfo& info);

// The close frame for a reason: its own code if it has one, and its words.
[[nodiscard]] websocket::CloseCode close_code_for(const DisconnectReason& reason) noexcept;

enum class BinaryMessages : std::uint8_t { plain, as_base64 };

class WebSocketTransport final : public Transport, private websocket::ConnectionHandler {
 public:
  // Everything outlives the transport. `binary` is for clients that cannot take binary messages; `deflate` is
  // null without that extension.
  WebSocketTransport(loop::StreamPtr stream, const websocket::Settings& settings,
                     websocket::Counters& counters, BinaryMessages binary,
                     std::unique_ptr<websocket::PermessageDeflate> deflate = nullptr);

  // Begins to read; `behind_head` are bytes that came together with the request.
  void start(TransportHandler& handler, std::string_view behind_head);

  // Tells another handler from now on; also inside a call of the present one.
  void set_handler(TransportHandler& handler) noexcept { handler_ = &handler; }

  void send_open(std::string_view packet) override { send_packet(packet); }
  SendResult send_packet(std::string_view packet) override;

  // Sends what another transport had queued, as it was written there (payload.h).
  void send_payload(std::string_view payload);

  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes> attachments,
                  Delivery delivery) override;
  SendResult send_binary(BytesView bytes, Delivery delivery) override;
  SendResult send_form(const base::SharedBytes& form, Delivery delivery) override;
  [[nodiscard]] FormKind form_kind(Compress compress) const noexcept override;
  Closing close(const DisconnectReason& reason) override;

  // Without a reason, and without much patience for the peer's answer: nobody has used the WebSocket.
  void close_unused();
  [[nodiscard]] std::size_t buffered() const noexcept override {
    return connection_ ? connection_->buffered() : 0;
  }
  [[nodiscard]] bool owes_drain() const noexcept override { return connection_ && connection_->owes_drain(); }

 private:
  void close_connection(const DisconnectReason& reason, websocket::Connection::Patience patience);
  void on_message(MessageKind kind, std::span<char> payload) override;
  void on_close(const websocket::CloseInfo& info) override;
  void on_drain() override { handler_->on_drain(); }

  std::unique_ptr<websocket::Connection> connection_;
  TransportHandler* handler_ = nullptr;
  BinaryMessages binary_;
};

}  // namespace banter::engine
