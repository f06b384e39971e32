#include "engine/session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/session_table.h"

namespace banter::engine {

Session::Session(SessionTable& table, SessionId id, HandshakeRecord handshake)
    : table_(table),
      id_(id),
      heartbeat_(table.loop(), table.settings(), *this),
      handshake_(std::move(handshake)) {}

Session::~Session() = default;

void Session::set_transport(std::unique_ptr<Transport> transport) {
  transport_ = std::move(transport);
}

PollingTransport& Session::begin_polling() {
  auto polling = std::make_unique<PollingTransport>(table_.loop(), table_.settings(),
                                                    static_cast<TransportHandler&>(*this));
  PollingTransport& begun = *polling;
  transport_ = std::move(polling);
  table_.counters().polling.add();
  return begun;
}

void Session::start(LinkHandler& handler) {
  handler_ = &handler;
  state_ = State::open;
  last_heard_ = table_.loop().now();
  const Settings& settings = table_.settings();
  const bool can_change = polling() && settings.allows_upgrades && settings.serves_websocket;
  transport_->send_open(open_packet({.sid = id_.view(),
                                     .offers_websocket = can_change,
                                     .ping_interval_ms = settings.ping_interval.count(),
                                     .ping_timeout_ms = settings.ping_timeout.count(),
                                     .max_payload = settings.max_payload}));
  heartbeat_.start();
  handler.on_open();
}

// --- sending

// What may be dropped is, while two transports are at hand: who knows when it would arrive.
std::optional<SendResult> Session::refuse(Delivery delivery) const noexcept {
  if (!is_open()) return SendResult::closed;
  if (probe_ && delivery.policy == loop::Policy::drop) return SendResult::dropped;
  return std::nullopt;
}

SendResult Session::send(std::span<const std::string_view> parts,
                         std::span<const base::SharedBytes> attachments, Delivery delivery) {
  const auto refusal = refuse(delivery);
  return refusal ? *refusal : transport_->send(parts, attachments, delivery);
}

SendResult Session::send_binary(BytesView bytes, Delivery delivery) {
  const auto refusal = refuse(delivery);
  return refusal ? *refusal : transport_->send_binary(bytes, delivery);
}

SendResult Session::send_form(const base::SharedBytes& form, Delivery delivery) {
  const auto refusal = refuse(delivery);
  return refusal ? *refusal : transport_->send_form(form, delivery);
}

void Session::send_ping() {
  table_.counters().pings.add();
  transport_->send_packet(std::string_view("2"));
}

// --- what the client sends

bool Session::is_alive() {
  if (heartbeat_.is_overdue()) on_ping_timeout();
  if (PollingTransport* transport = polling()) transport->check_poll();
  last_heard_ = table_.loop().now();
  return is_known();
}

void Session::on_packet(std::string_view text) {
  if (!is_open()) return;
  last_heard_ = table_.loop().now();
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

void Session::on_drain() {
  if (is_open()) handler_->on_drain();
}

void Session::on_binary(BytesView bytes) {
  if (!is_open()) return;
  last_heard_ = table_.loop().now();
  heartbeat_.on_other_message();
  handler_->on_binary(bytes);
}

// --- upgrade

bool Session::can_upgrade() const noexcept {
  return is_open() && !probe_ && transport_->polling() && table_.settings().allows_upgrades;
}

void Session::begin_upgrade(std::unique_ptr<WebSocketTransport> transport, std::string_view behind_head) {
  probe_ = std::make_unique<Probe>(table_.loop(), std::move(transport), static_cast<ProbeOwner&>(*this));
  probe_->start(table_.settings().upgrade_timeout, behind_head);
}

void Session::on_probed() {
  if (is_open()) polling()->set_probed(true);
}

void Session::on_given_up() {
  table_.counters().failed_upgrades.add();
  table_.loop().retire(std::move(probe_));
  if (is_open()) polling()->set_probed(false);
}

// Also while closing: then what waits goes out here instead of with a poll that nobody will send.
void Session::on_upgrade() {
  auto next = probe_->take(*this);
  table_.loop().retire(std::move(probe_));
  const bool owes_drain = transport_->owes_drain();
  const std::string waiting = polling()->retire();
  auto former = std::unique_ptr<PollingTransport>(static_cast<PollingTransport*>(transport_.release()));
  former->is_reading_post() ? former_.swap(former) : table_.loop().retire(std::move(former));
  table_.counters().polling.subtract();
  table_.counters().upgraded.add();

  next->send_payload(waiting);
  transport_ = std::move(next);
  if (is_open()) {
    if (owes_drain && !transport_->owes_drain()) on_drain();  // what moved over is below high_water
    if (is_open()) handler_->on_upgrade();
    return;
  }
  transport_->close({});
  on_transport_end({});
}

// --- the end

// The handler hears of it at the end of the turn: not from inside its own call.
void Session::close(DisconnectReason reason) {
  if (!is_open()) return;
  state_ = State::closing;
  heartbeat_.stop();
  describe(reason);
  lingers_ = transport_->close(reason) == Transport::Closing::lingers;
  if (!lingers_) drop_probe();
  table_.loop().defer([this, why = std::make_unique<DisconnectReason>(std::move(reason))] {
    tell(*why);
    if (!lingers_) release();
  });
}

// Of an open session; or of one that is closing, when the client has fetched the rest, or did not in time.
void Session::on_transport_end(const DisconnectReason& reason) {
  if (is_open()) {
    state_ = State::closing;
    heartbeat_.stop();
    DisconnectReason described = reason;
    describe(described);
    tell(described);
    release();
  } else if (std::exchange(lingers_, false) && !handler_) {
    release();
  }
}

void Session::describe(DisconnectReason& reason) const {
  reason.idle = table_.loop().now() - last_heard_;
  reason.queued = std::max(reason.queued, transport_->buffered());
}

void Session::tell(const DisconnectReason& reason) {
  if (LinkHandler* handler = std::exchange(handler_, nullptr)) handler->on_close(reason);
}

void Session::release() {
  if (std::exchange(state_, State::closed) == State::closed) return;
  drop_probe();
  if (polling()) table_.counters().polling.subtract();
  table_.release(*this);
}

void Session::drop_probe() {
  if (!probe_) return;
  probe_->close();
  table_.loop().retire(std::move(probe_));
}

void Session::on_ping_timeout() {
  table_.counters().ping_timeouts.add();
  close({.kind = Reason::ping_timeout, .detail = "no pong within ping_timeout", .by = EndedBy::network});
}

}  // namespace banter::engine
