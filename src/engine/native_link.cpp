#include "engine/native_link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/websocket_transport.h"

namespace banter::engine {

namespace {

struct CloseFrame {
  websocket::CloseCode code;
  std::string_view reason;
};

// A reason's own code and words if it has one. Else 1000 for a shutdown, and 4000 with the reason's text.
CloseFrame native_close(const DisconnectReason& reason) noexcept {
  constexpr websocket::CloseCode left_by_server{4000};
  if (reason.close_code != 0) return {close_code_for(reason), reason.detail};
  if (reason.kind == Reason::server_shutting_down) return {websocket::CloseCode::normal, {}};
  return {left_by_server, reason.text()};
}

}  // namespace

NativeLink::NativeLink(NativeTable& table, loop::StreamPtr stream, const websocket::Settings& settings,
                       websocket::Counters& counters, HandshakeRecord handshake,
                       std::unique_ptr<websocket::PermessageDeflate> deflate)
    : table_(table),
      connection_(std::make_unique<websocket::Connection>(std::move(stream), settings,
                                                          static_cast<websocket::ConnectionHandler&>(*this),
                                                          counters, std::move(deflate))),
      heartbeat_(table.loop(), table.settings(), *this),
      last_heard_(table.loop().now()),
      handshake_(std::move(handshake)) {}

void NativeLink::start(LinkHandler& handler, std::string_view behind_head) {
  handler_ = &handler;
  if (!connection_) return;  // refused while it was being joined
  heartbeat_.start();
  connection_->start(behind_head);
}

SendResult NativeLink::send(std::span<const std::string_view> parts, std::span<const base::SharedBytes>,
                            Delivery delivery) {
  if (!connection_) return SendResult::closed;
  std::vector<loop::Piece> pieces;
  for (const std::string_view part : parts)
    pieces.push_back({part});
  return connection_->send(MessageKind::text, pieces, delivery.policy, delivery.compress, delivery.key);
}

SendResult NativeLink::send_form(const base::SharedBytes& form, Delivery delivery) {
  if (!connection_) return SendResult::closed;
  const bool is_ready = form_kind(delivery.compress) == FormKind::native_deflated;
  return connection_->send_framed(form, delivery.policy, is_ready ? Compress::no : delivery.compress,
                                  delivery.key);
}

FormKind NativeLink::form_kind(Compress compress) const noexcept {
  const bool shares = compress == Compress::yes && connection_ && connection_->shares_deflated();
  return shares ? FormKind::native_deflated : FormKind::native;
}

void NativeLink::close(DisconnectReason reason) {
  if (!connection_) return;
  describe(reason);
  heartbeat_.stop();
  if (!handler_) connection_->start({});  // closed while it was being joined: the peer's answer must be read
  const auto [code, words] = native_close(reason);
  using Patience = websocket::Connection::Patience;
  const Patience patience = reason.kind == Reason::ping_timeout ? Patience::brief : Patience::full;
  websocket::Connection::close_and_forget(std::move(connection_), code, words, patience);
  table_.loop().defer([this, why = std::make_unique<DisconnectReason>(std::move(reason))] { end(*why); });
}

void NativeLink::describe(DisconnectReason& reason) const {
  reason.idle = table_.loop().now() - last_heard_;
  reason.queued = std::max(reason.queued, connection_->buffered());
}

void NativeLink::end(const DisconnectReason& reason) {
  heartbeat_.stop();
  handler_->on_close(reason);
  table_.release(*this);
}

void NativeLink::on_message(MessageKind kind, std::span<char> payload) {
  last_heard_ = table_.loop().now();
  heartbeat_.on_other_message();
  const std::string_view text(payload.data(), payload.size());
  kind == MessageKind::text ? handler_->on_text(text) : handler_->on_binary(as_bytes(text));
}

void NativeLink::on_pong(std::string_view) {
  last_heard_ = table_.loop().now();
  heartbeat_.on_pong();
}

void NativeLink::on_close(const websocket::CloseInfo& info) {
  DisconnectReason reason = to_reason(info);
  describe(reason);
  table_.loop().retire(std::move(connection_));  // it is still running
  end(reason);
}

void NativeLink::send_ping() {
  table_.counters().pings.add();
  connection_->ping();
}

void NativeLink::on_ping_timeout() {
  close({.kind = Reason::ping_timeout,
         .detail = "no pong within ping_timeout",
         .by = EndedBy::network,
         .layer = Layer::websocket});
}

NativeLink& NativeTable::open(loop::StreamPtr stream, const websocket::Settings& settings,
                              websocket::Counters& counters, HandshakeRecord handshake,
                              std::unique_ptr<websocket::PermessageDeflate> deflate) {
  auto link = std::make_unique<NativeLink>(*this, std::move(stream), settings, counters, std::move(handshake),
                                           std::move(deflate));
  NativeLink& opened = *link;
  links_.emplace(&opened, std::move(link));
  counters_.native.add();
  counters_.native_opened.add();
  return opened;
}

void NativeTable::release(NativeLink& link) {
  auto node = links_.extract(&link);
  loop_.retire(std::move(node.mapped()));
  counters_.native.subtract();
}

}  // namespace banter::engine
