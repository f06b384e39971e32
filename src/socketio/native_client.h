// A client that speaks plain JSON events over a native WebSocket, in one namespace.
#pragma once

#include "socketio/client.h"

namespace banter::socketio {

class NativeClient final : public Client {
 public:
  using Client::Client;

  // Joins the one namespace of this connection; `auth` is JSON.
  void join(Namespace& nsp, std::string auth);

  // The same, once the client has sent its `auth` as the first message.
  void await_auth(Namespace& nsp) noexcept { awaiting_ = &nsp; }

  SendResult send_event(const Socket& socket, const Payload& payload, std::optional<std::uint64_t> id,
                        engine::Delivery delivery) override;
  void send_ack(const Socket& socket, const Payload& payload, std::uint64_t id) override;
  void send_connect(const Socket& socket) override;
  void send_refusal(const Socket& socket, std::string_view message, const json& data) override;
  void send_disconnect(const Socket& socket) override;
  void replay(std::string_view text, std::span<const Bytes> attachments) override;

  [[nodiscard]] BinaryForm binary_form() const noexcept override { return BinaryForm::base64; }

  void on_text(std::string_view text) override;
  void on_binary(BytesView bytes) override;

 private:
  SendResult send(const Payload& payload, std::optional<std::uint64_t> id, engine::Delivery delivery);
  void refuse_message(std::uint16_t code, std::error_code error);
  void refuse(std::string_view message);
  void authenticate(const Packet& packet);
  void dispatch(const Packet& packet, std::string_view text);

  Namespace* awaiting_ = nullptr;  // static, so it stays
};

}  // namespace banter::socketio
