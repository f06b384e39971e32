#include "server/raw_websocket.h"

#include <utility>

#include "engine/websocket_transport.h"
#include "loop/mailbox.h"

namespace banter::server {

RawTable::~RawTable() = default;

void RawTable::open(loop::StreamPtr stream, WebSocketEndpoint& endpoint, const websocket::Settings& settings,
                    websocket::Counters& counters, std::string_view behind_head) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Entry& entry = slots_[index];
  if (++entry.generation == 0) entry.generation = 1;  // 0 names nobody
  entry.socket = std::make_unique<RawSocket>(*this, detail::Slot{index, entry.generation}, endpoint);
  entry.socket->start(std::move(stream), settings, counters, behind_head);
}

RawSocket* RawTable::find(detail::Slot slot) const noexcept {
  if (slot.index >= slots_.size()) return nullptr;
  const Entry& entry = slots_[slot.index];
  return entry.generation == slot.generation ? entry.socket.get() : nullptr;
}

void RawTable::release(RawSocket& socket) {
  loop_.retire(std::move(slots_[socket.slot().index].socket));
  free_.push_back(socket.slot().index);
}

void RawTable::shut_down() {
  is_shutting_down_ = true;
  for (const Entry& entry : slots_) {
    if (!entry.socket) continue;
    entry.socket->connection().close(websocket::CloseCode::going_away, to_text(Reason::server_shutting_down));
  }
}

void RawTable::drop_all() {
  for (const Entry& entry : slots_) {
    if (entry.socket) entry.socket->drop();
  }
}

DisconnectReason RawTable::reason_of(const websocket::CloseInfo& info) const {
  DisconnectReason reason = engine::to_reason(info);
  if (info.by == websocket::CloseInfo::By::us && !info.error) {
    reason.kind = is_shutting_down_ ? Reason::server_shutting_down : Reason::forced_close;
  }
  return reason;
}

RawSocket::RawSocket(RawTable& table, detail::Slot slot, WebSocketEndpoint& endpoint)
    : table_(table), slot_(slot), endpoint_(endpoint), handle_(detail::PortRef(table.loop().port()), slot) {}

RawSocket::~RawSocket() = default;

void RawSocket::start(loop::StreamPtr stream, const websocket::Settings& settings,
                      websocket::Counters& counters, std::string_view behind_head) {
  auto& handler = static_cast<websocket::ConnectionHandler&>(*this);
  connection_ = std::make_unique<websocket::Connection>(std::move(stream), settings, handler, counters);
  if (endpoint_.on_open) call("open", [&] { endpoint_.on_open(handle_); });
  connection_->start(behind_head);
}

template <class Code>
void RawSocket::call(std::string_view what, Code&& code) {
  Problem context;
  context.where = Problem::Where::http;
  context.event = what;
  const bool is_whole = socketio::call_user(table_.problems(), context, std::forward<Code>(code));
  if (!is_whole && connection_) connection_->close(websocket::CloseCode::internal_error);
}

void RawSocket::on_message(MessageKind kind, std::span<char> payload) {
  if (!endpoint_.on_message) return;
  const BytesView bytes = std::as_bytes(payload);
  call("message", [&] { endpoint_.on_message(handle_, bytes, kind); });
}

void RawSocket::on_close(const websocket::CloseInfo& info) {
  end(table_.reason_of(info));
}

void RawSocket::drop() {
  connection_.reset();
  end(table_.reason_of({.by = websocket::CloseInfo::By::us}));
}

void RawSocket::end(const DisconnectReason& reason) {
  table_.release(*this);
  if (endpoint_.on_close) call("close", [&] { endpoint_.on_close(handle_, reason); });
}

}  // namespace banter::server
