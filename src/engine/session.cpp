#include "engine/session.h"

#include <string>
#include <utility>

#include "engine/session_table.h"

namespace banter::engine {

Session::Session(SessionTable& table, SessionId id, std::unique_ptr<Transport> transport,
                 HandshakeRecord handshake)
    : table_(table),
      id_(id),
      transport_(std::move(transport)),
      heartbeat_(table.loop(), table.settings(), *this),
      handshake_(std::move(handshake)) {}

Session::~Session() = default;

void Session::start(LinkHandler& handler) {
  handler_ = &handler;
  state_ = State::open;
  const Settings& settings = table_.settings();
  transport_->send_packet(open_packet({.sid = id_.view(),
                                       .offers_websocket = false,
                                       .ping_interval_ms = settings.ping_interval.count(),
                                       .ping_timeout_ms = settings.ping_timeout.count(),
                                       .max_payload = settings.max_payload}));
  heartbeat_.start();
}

SendResult Session::send(std::span<const std::string_view> parts,
                         std::span<const base::SharedBytes> attachments, loop::Policy policy) {
  return state_ == State::open ? transport_->send(parts, attachments, policy) : SendResult::closed;
}

SendResult Session::send_form(const base::SharedBytes& form, loop::Policy policy) {
  return state_ == State::open ? transport_->send_form(form, policy) : SendResult::closed;
}

// The handler hears of it at the end of the turn: not from inside its own call.
void Session::close(DisconnectReason reason) {
  if (state_ != State::open) return;
  state_ = State::closing;
  heartbeat_.stop();
  transport_->close(reason);
  table_.loop().defer([this, why = std::make_unique<DisconnectReason>(std::move(reason))] { end(*why); });
}

void Session::end(const DisconnectReason& reason) {
  if (std::exchange(state_, State::closed) == State::closed) return;
  heartbeat_.stop();
  handler_->on_close(reason);
  table_.release(*this);
}

void Session::on_transport_end(const DisconnectReason& reason) {
  if (state_ == State::open) end(reason);
}

void Session::on_packet(std::string_view text) {
  if (state_ != State::open) return;
  if (const auto packet = read_packet(text)) return handle(*packet);
  table_.counters().parse_errors.add();
  close({.kind = Reason::parse_error, .detail = "not an Engine.IO packet"});
}

void Session::handle(const Packet& packet) {
  if (packet.type != PacketType::pong) heartbeat_.on_other_message();
  switch (packet.type) {
    case PacketType::message: return handler_->on_text(packet.payload);
    case PacketType::pong: return heartbeat_.on_pong();
    case PacketType::close: return close({.kind = Reason::transport_close});
    case PacketType::ping: return close({.kind = Reason::transport_error, .detail = "ping from a client"});
    case PacketType::open:
    case PacketType::upgrade:
    case PacketType::noop: return;  // of no meaning outside of an upgrade
  }
}

void Session::on_binary(BytesView bytes) {
  if (state_ != State::open) return;
  heartbeat_.on_other_message();
  handler_->on_binary(bytes);
}

void Session::send_ping() {
  table_.counters().pings.add();
  transport_->send_packet(std::string_view("2"));
}

void Session::on_ping_timeout() {
  close({.kind = Reason::ping_timeout, .detail = "no pong within ping_timeout"});
}

}  // namespace banter::engine
