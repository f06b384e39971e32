// The first part of a socket's life: middlewares, then CONNECT or CONNECT_ERROR.
#include "socketio/joining.h"

#include <utility>

#include "engine/handshake_record.h"
#include "socketio/client.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"

namespace banter::socketio {

void Socket::begin_joining() {
  joining_ = std::make_unique<Joining>(*this);
  loop::Loop& loop = hub().loop();
  joining_->deadline.set(loop.wheel(), loop.now() + hub().settings().middleware_timeout);
  if (hub().recovery() && client_.can_recover() && begin_restoring()) return;
  advance();
}

void Socket::decide(std::size_t step, bool is_accepted, std::string message, json data) {
  if (!joining_ || joining_->step != step || joining_->is_decided || client_.is_closing()) return;
  joining_->is_decided = true;
  joining_->is_accepted = is_accepted;
  joining_->message = std::move(message);
  joining_->data = std::move(data);
  if (!joining_->is_running) advance();
}

// Calls middlewares for as long as they decide at once. Each may end the connection, and with it `joining_`.
void Socket::advance() {
  std::vector<Middleware>& middlewares = nsp_.handlers().middlewares;
  for (;;) {
    if (std::exchange(joining_->is_decided, false)) {
      if (!joining_->is_accepted) return refuse(joining_->message, joining_->data);
      ++joining_->step;
    }
    if (joining_->step == middlewares.size()) return accept();
    run_middleware(middlewares[joining_->step]);
    if (!joining_ || !joining_->is_decided || client_.is_closing()) return;
  }
}

void Socket::run_middleware(Middleware& middleware) {
  auto decision = std::make_shared<detail::PendingDecision>(ref_, joining_->step);
  joining_->is_running = true;
  const bool is_whole = call_user(hub().problems(), problem(Problem::Where::middleware, {}),
                                  [&] { middleware(ref_, Next(decision)); });
  if (!is_whole && !decision->is_decided.exchange(true))
    decide(decision->step, false, "internal error", nullptr);
  decision.reset();  // if no copy was kept and nothing decided, this refuses
  if (joining_) joining_->is_running = false;
}

void Socket::on_middleware_timeout() {
  hub().counters().middleware_timeouts.add();
  refuse("timeout", nullptr);
}

void Socket::refuse(std::string_view message, const json& data) {
  hub().counters().refused.add();
  client_.send_refusal(*this, message, data);
  leave({.kind = Reason::server_namespace_disconnect, .by = EndedBy::server, .layer = Layer::application});
}

void Socket::accept() {
  joining_->deadline.cancel();
  if (recovery_ && recovery_->session) return ask_for_missed();
  join_namespace({});
}

void Socket::join_namespace(const std::vector<LogEntryPtr>& missed) {
  const std::unique_ptr<Joining> joining = std::move(joining_);
  state_ = State::joined;
  nsp_.add(*this);
  restore_rooms();
  for (const std::string& room : joining->rooms)
    join(room);
  hub().counters().sockets.add();
  hub().counters().joined.add();
  client_.has_joined();
  send_missed(missed);
  if (recovery_) begin_session();
  client_.send_connect(*this);
  run_connection_handlers();
  client_.link().handshake().keep_only(hub().settings().keep_headers);
  while (is_reachable() && !joining->held.empty()) {
    const HeldPackets::Packet packet = joining->held.take();
    client_.replay(packet.text, packet.attachments);
  }
}

// A connection handler that throws has left the socket half set up: it goes. Behind one that ends the socket
// no other runs: `disconnect` was told already.
void Socket::run_connection_handlers() {
  const Args none;
  const detail::AckTicketPtr no_ticket;
  detail::Invocation call{ref_, none, no_ticket};
  for (detail::Handler& handler : nsp_.handlers().connection) {
    if (!is_joined()) return;
    const auto context = problem(Problem::Where::connection, "connection");
    if (!call_user(hub().problems(), context, [&] { handler(call); })) return disconnect();
  }
}

}  // namespace banter::socketio
