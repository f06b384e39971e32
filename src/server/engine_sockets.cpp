#include "server/engine_sockets.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "server/handles.h"

namespace banter {

namespace server {

EngineConnections::EngineConnections(loop::Loop& loop, socketio::ProblemSink& problems)
    : loop_(loop), problems_(problems) {}

EngineConnections::~EngineConnections() = default;

engine::LinkHandler& EngineConnections::accept(engine::Session& session, EngineEndpoint& endpoint) {
  const detail::Slot slot = connections_.reserve();
  return connections_.put(slot, std::make_unique<EngineConnection>(*this, slot, session, endpoint));
}

void EngineConnections::release(EngineConnection& connection) {
  loop_.retire(connections_.take(connection.slot()));
}

void EngineConnections::close_all(const DisconnectReason& reason) {
  connections_.for_each([&](EngineConnection& connection) { connection.session().close(reason); });
}

EngineConnection::EngineConnection(EngineConnections& all, detail::Slot slot, engine::Session& session,
                                   EngineEndpoint& endpoint)
    : all_(all),
      slot_(slot),
      session_(session),
      endpoint_(endpoint),
      handle_(detail::PortRef(all.loop().port()), slot) {}

template <class Code>
void EngineConnection::call(std::string_view what, Code&& code) {
  Problem context;
  context.where = Problem::Where::http;
  context.event = what;
  const bool is_whole = socketio::call_user(all_.problems(), context, std::forward<Code>(code));
  if (!is_whole)
    session_.close({.kind = Reason::forced_close,
                    .detail = "a handler threw",
                    .by = EndedBy::server,
                    .layer = Layer::application});
}

void EngineConnection::on_open() {
  if (endpoint_.on_open) call("open", [&] { endpoint_.on_open(handle_); });
}

void EngineConnection::on_text(std::string_view text) {
  if (!endpoint_.on_message) return;
  call("message", [&] { endpoint_.on_message(handle_, as_bytes(text), MessageKind::text); });
}

void EngineConnection::on_binary(BytesView bytes) {
  if (!endpoint_.on_message) return;
  call("message", [&] { endpoint_.on_message(handle_, bytes, MessageKind::binary); });
}

void EngineConnection::on_close(const DisconnectReason& reason) {
  all_.release(*this);
  if (endpoint_.on_close) call("close", [&] { endpoint_.on_close(handle_, reason); });
}

}  // namespace server

namespace {

server::EngineConnection* find(const detail::PortRef& port, detail::Slot slot) noexcept {
  server::Worker* worker = server::begun_worker(*port);
  return worker ? worker->engine_sockets().find(slot) : nullptr;
}

// On the session's Worker; null if it is gone. Elsewhere throws.
server::EngineConnection* here(const detail::PortRef& port, detail::Slot slot, const char* what) {
  if (!port || !port->is_open()) return nullptr;
  if (!port->is_here())
    throw std::logic_error(std::string("banter: EngineSocket::") + what + " belongs to the session's Worker");
  return find(port, slot);
}

template <class Send>
SendResult with_session(const detail::PortRef& port, detail::Slot slot, Send send) {
  if (!port || !port->is_open()) return SendResult::closed;
  if (port->is_here()) {
    server::EngineConnection* connection = find(port, slot);
    return connection ? send(connection->session()) : SendResult::closed;
  }
  const bool is_posted = port->post([port, slot, send = std::move(send)] {
    if (server::EngineConnection* connection = find(port, slot)) send(connection->session());
  });
  return is_posted ? SendResult::posted : SendResult::closed;
}

// From another thread, within the budget.
template <class Send>
SendResult post_bytes(const detail::PortRef& port, detail::Slot slot, std::string_view bytes, Send send) {
  if (!port || !port->is_open()) return SendResult::closed;
  if (server::refuses_posts(*port)) return SendResult::dropped;
  return with_session(port, slot,
                      [copy = std::string(bytes), charge = base::Charge(port->budget(), bytes.size()),
                       send](engine::Session& session) { return send(session, copy); });
}

SendResult send_text(const detail::PortRef& port, detail::Slot slot, std::string_view text) {
  if (port && port->is_here()) {
    server::EngineConnection* connection = find(port, slot);
    return connection ? connection->session().send(std::span(&text, 1), {}, loop::Policy::queue)
                      : SendResult::closed;
  }
  return post_bytes(port, slot, text, [](engine::Session& session, std::string_view copy) {
    return session.send(std::span(&copy, 1), {}, loop::Policy::queue);
  });
}

}  // namespace

SendResult EngineSocket::send(std::string_view text) const {
  if (base::is_valid_utf8(text)) return send_text(port_, slot_, text);
  std::string valid;
  base::append_lossy(valid, text);
  return send_text(port_, slot_, valid);
}

SendResult EngineSocket::send(BytesView bytes) const {
  if (port_ && port_->is_here()) {
    server::EngineConnection* connection = find(port_, slot_);
    return connection ? connection->session().send_binary(bytes, loop::Policy::queue) : SendResult::closed;
  }
  return post_bytes(port_, slot_, as_text(bytes), [](engine::Session& session, std::string_view copy) {
    return session.send_binary(as_bytes(copy), loop::Policy::queue);
  });
}

SendResult EngineSocket::send(BytesView bytes, MessageKind kind) const {
  return kind == MessageKind::text ? send(as_text(bytes)) : send(bytes);
}

void EngineSocket::close() const {
  with_session(port_, slot_, [](engine::Session& session) {
    session.close({.kind = Reason::forced_close,
                   .detail = "closed by the application",
                   .by = EndedBy::server,
                   .layer = Layer::application});
    return SendResult::sent;
  });
}

Handshake EngineSocket::handshake() const {
  server::EngineConnection* connection = here(port_, slot_, "handshake");
  return connection ? connection->session().handshake().to_public() : Handshake{};
}

std::string_view EngineSocket::transport() const {
  server::EngineConnection* connection = here(port_, slot_, "transport");
  if (!connection) return {};
  return connection->session().polling() ? "polling" : "websocket";
}

std::size_t EngineSocket::buffered() const {
  server::EngineConnection* connection = here(port_, slot_, "buffered");
  return connection ? connection->session().buffered() : 0;
}

}  // namespace banter
