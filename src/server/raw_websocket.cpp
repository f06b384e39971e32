#include "server/raw_websocket.h"

#include <utility>

#include "engine/websocket_transport.h"
#include "loop/mailbox.h"

namespace banter::server {

RawTable::~RawTable() = default;

void RawTable::open(loop::StreamPtr stream, WebSocketEndpoint& endpoint, const websocket::Settings& settings,
                    websocket::Counters& counters, std::unique_ptr<websocket::PermessageDeflate> deflate,
                    std::string_view behind_head) {
  const detail::Slot slot = sockets_.reserve();
  counters_.raw.add();
  counters_.raw_opened.add();
  RawSocket& socket = sockets_.put(slot, std::make_unique<RawSocket>(*this, slot, endpoint));
  socket.start(std::move(stream), settings, counters, std::move(deflate), behind_head);
}

void RawTable::release(RawSocket& socket) {
  counters_.raw.subtract();
  loop_.retire(sockets_.take(socket.slot()));
}

void RawTable::shut_down() {
  is_shutting_down_ = true;
  sockets_.for_each([](RawSocket& socket) {
    socket.connection().close(websocket::CloseCode::going_away, to_text(Reason::server_shutting_down));
  });
}

void RawTable::drop_all() {
  sockets_.for_each([](RawSocket& socket) { socket.drop(); });
}

DisconnectReason RawTable::reason_of(const websocket::CloseInfo& info) const {
  DisconnectReason reason = engine::to_reason(info);
  if (info.by == websocket::CloseInfo::By::us && !info.error) {
    reason.kind = is_shutting_down_ ? Reason::server_shutting_down : Reason::forced_close;
    reason.layer = Layer::application;
  }
  return reason;
}

RawSocket::RawSocket(RawTable& table, detail::Slot slot, WebSocketEndpoint& endpoint)
    : table_(table), slot_(slot), endpoint_(endpoint), handle_(detail::PortRef(table.loop().port()), slot) {}

RawSocket::~RawSocket() = default;

void RawSocket::start(loop::StreamPtr stream, const websocket::Settings& settings,
                      websocket::Counters& counters, std::unique_ptr<websocket::PermessageDeflate> deflate,
                      std::string_view behind_head) {
  auto& handler = static_cast<websocket::ConnectionHandler&>(*this);
  connection_ = std::make_unique<websocket::Connection>(std::move(stream), settings, handler, counters,
                                                        std::move(deflate));
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
