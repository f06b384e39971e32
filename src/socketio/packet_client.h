// A client that speaks Socket.IO packets over an Engine.IO session.
#pragma once

#include <vector>

#include "loop/ledger.h"
#include "socketio/client.h"

namespace banter::socketio {

class PacketClient final : public Client {
 public:
  using Client::Client;

  SendResult send_event(const Socket& socket, const Payload& payload, std::optional<std::uint64_t> id,
                        engine::Delivery delivery) override;
  void send_ack(const Socket& socket, const Payload& payload, std::uint64_t id) override;
  void send_connect(const Socket& socket) override;
  void send_refusal(const Socket& socket, std::string_view message, const json& data) override;
  void send_disconnect(const Socket& socket) override;
  void replay(std::string_view text, std::span<const Bytes> attachments) override;

  [[nodiscard]] BinaryForm binary_form() const noexcept override { return BinaryForm::attachments; }
  [[nodiscard]] bool can_recover() const noexcept override { return true; }

  void on_text(std::string_view text) override;
  void on_binary(BytesView bytes) override;

 private:
  // A packet whose attachments are still arriving.
  struct Collecting {
    explicit Collecting(PacketClient& client);
    std::string text;
    std::size_t wanted = 0;
    std::vector<Bytes> attachments;
    loop::Kept kept;  // the bytes of all of it
  };
  // A namespace that the client was in: packets for it may still be under way.
  enum class LeftBy : std::uint8_t { client, server };
  struct Left {
    std::size_t name;  // its hash: a stranger that has the same is ignored too, which does no harm
    LeftBy by;
  };

  void end_collecting();
  SendResult send_packet(PacketType type, const Socket& socket, const Payload& payload,
                         std::optional<std::uint64_t> id, engine::Delivery delivery);
  void send_text(std::string_view text);
  void dispatch(const Packet& packet, std::string_view text, std::span<const Bytes> attachments);
  void connect(const Packet& packet);
  void refuse_connect(std::string_view nsp, std::string_view message);
  [[nodiscard]] bool was_under_way(const Packet& packet) const noexcept;
  void send_refusal(std::string_view nsp, std::string_view message, const json& data);
  void remember(std::string_view nsp, LeftBy by);
  void forget(std::string_view nsp);

  std::unique_ptr<Collecting> collecting_;
  std::unique_ptr<std::vector<Left>> left_;  // null: none, as for most clients
};

}  // namespace banter::socketio
