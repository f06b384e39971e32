// One Engine.IO session: a transport, a heartbeat, and the link to the layer above.
//
//   opening --start()--> open(websocket) --close()--> closing --(turn's end)--> closed
//                            \---transport ended, ping timeout, bad packet-------^
//
// With long-polling `open` gets three faces, polling | upgrading | websocket; the table below and everything
// above the Transport stay as they are.
#pragma once

#include <memory>
#include <string_view>

#include "engine/handshake_record.h"
#include "engine/heartbeat.h"
#include "engine/link.h"
#include "engine/packet.h"
#include "engine/session_id.h"
#include "engine/settings.h"
#include "engine/transport.h"
#include "loop/loop.h"

namespace banter::engine {

class SessionTable;

// A resource of its SessionTable, which destroys it after on_close.
class Session final : public Link, public loop::Retired, private TransportHandler, private HeartbeatOwner {
 public:
  Session(SessionTable& table, SessionId id, std::unique_ptr<Transport> transport, HandshakeRecord handshake);
  ~Session() override;

  // Sends the open packet; from now on `handler` hears what the client sends.
  void start(LinkHandler& handler);

  [[nodiscard]] const SessionId& id() const noexcept { return id_; }
  [[nodiscard]] TransportHandler& transport_handler() noexcept { return *this; }

  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes> attachments,
                  loop::Policy policy) override;
  SendResult send_form(const base::SharedBytes& form, loop::Policy policy) override;
  [[nodiscard]] FormKind form_kind() const noexcept override { return transport_->form_kind(); }
  void close(DisconnectReason reason) override;
  [[nodiscard]] std::size_t buffered() const noexcept override { return transport_->buffered(); }
  [[nodiscard]] HandshakeRecord& handshake() noexcept override { return handshake_; }

 private:
  enum class State : std::uint8_t { opening, open, closing, closed };

  void on_packet(std::string_view text) override;
  void on_binary(BytesView bytes) override;
  void on_transport_end(const DisconnectReason& reason) override;
  void send_ping() override;
  void on_ping_timeout() override;
  void handle(const Packet& packet);
  void end(const DisconnectReason& reason);

  SessionTable& table_;
  SessionId id_;
  State state_ = State::opening;
  std::unique_ptr<Transport> transport_;
  LinkHandler* handler_ = nullptr;
  Heartbeat heartbeat_;
  HandshakeRecord handshake_;
};

}  // namespace banter::engine
