// One Engine.IO session: a transport, a heartbeat, and the link to the layer above.
//
//   opening --start()--> open --close()--> closing --turn's end, or the rest was fetched--> closed
//                          \----transport ended, ping timeout, bad packet--------------------^
//
// An open session's transport changes at most once, from long-polling to WebSocket:
//
//   polling --WebSocket arrives--> upgrading --2probe--> probed --5--> websocket
//      ^                             |                     |
//      +-----(given up: any other packet, WebSocket lost, upgrade_timeout)
//
// While it is upgraded packets still travel in polls, and polls are no longer held once it is probed; with
// the 5 what waits moves over in its order. The heartbeat does not notice.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/handshake_record.h"
#include "engine/heartbeat.h"
#include "engine/link.h"
#include "engine/packet.h"
#include "engine/polling_transport.h"
#include "engine/probe.h"
#include "engine/session_id.h"
#include "engine/settings.h"
#include "engine/transport.h"
#include "loop/loop.h"

namespace banter::engine {

class SessionTable;

// A resource of its SessionTable, which destroys it after on_close.
class Session final : public Link,
                      public loop::Retired,
                      private TransportHandler,
                      private HeartbeatOwner,
                      private ProbeOwner {
 public:
  Session(SessionTable& table, SessionId id, HandshakeRecord handshake);
  ~Session() override;

  // Before start(): what it begins on. A polling transport is made for the handshake's request, which start()
  // answers.
  void set_transport(std::unique_ptr<Transport> transport);
  PollingTransport& begin_polling();

  // Sends the open packet; from now on `handler` hears what the client sends.
  void start(LinkHandler& handler);

  [[nodiscard]] const SessionId& id() const noexcept { return id_; }
  [[nodiscard]] TransportHandler& transport_handler() noexcept { return *this; }

  // Where its requests go; null if it is on WebSocket.
  [[nodiscard]] PollingTransport* polling() noexcept { return transport_->polling(); }

  // A request names it. False, and it is over, if its heartbeat has been overdue.
  [[nodiscard]] bool is_alive();

  // True until the client can have no more of it: from then on its id is unknown.
  [[nodiscard]] bool is_known() const noexcept { return state_ != State::closed && (is_open() || lingers_); }

  // Whether a WebSocket may take over.
  [[nodiscard]] bool can_upgrade() const noexcept;
  void begin_upgrade(std::unique_ptr<WebSocketTransport> transport, std::string_view behind_head);

  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes> attachments,
                  Delivery delivery) override;
  SendResult send_binary(BytesView bytes, Delivery delivery);
  SendResult send_form(const base::SharedBytes& form, Delivery delivery) override;
  [[nodiscard]] banter::Transport transport() const noexcept override {
    return transport_->polling() ? banter::Transport::polling : banter::Transport::websocket;
  }
  [[nodiscard]] FormKind form_kind(Compress compress) const noexcept override {
    return transport_->form_kind(compress);
  }
  void close(DisconnectReason reason) override;
  [[nodiscard]] std::size_t buffered() const noexcept override { return transport_->buffered(); }
  [[nodiscard]] bool is_reachable() const noexcept override { return transport_->is_reachable(); }
  [[nodiscard]] HandshakeRecord& handshake() noexcept override { return handshake_; }

 private:
  enum class State : std::uint8_t { opening, open, closing, closed };

  [[nodiscard]] bool is_open() const noexcept { return state_ == State::open; }
  [[nodiscard]] std::optional<SendResult> refuse(Delivery delivery) const noexcept;
  void on_packet(std::string_view text) override;
  void on_binary(BytesView bytes) override;
  void on_transport_end(const DisconnectReason& reason) override;
  void on_drain() override;
  void on_probed() override;
  void on_upgrade() override;
  void on_given_up() override;
  void send_ping() override;
  void on_ping_timeout() override;
  void handle(const Packet& packet);
  void drop_probe();
  void describe(DisconnectReason& reason) const;
  void tell(const DisconnectReason& reason);
  void release();

  SessionTable& table_;
  SessionId id_;
  State state_ = State::opening;
  bool lingers_ = false;  // closing, and the client may still fetch the rest
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Probe> probe_;
  std::unique_ptr<PollingTransport> former_;  // has a POST to finish
  LinkHandler* handler_ = nullptr;            // null once told of the end
  loop::TimePoint last_heard_{};
  Heartbeat heartbeat_;
  HandshakeRecord handshake_;
};

}  // namespace banter::engine
