// What a handler may decide later, and from any thread: acknowledgements and middlewares' decisions.
#include <string>
#include <utility>
#include <vector>

#include "banter/ack.h"
#include "banter/next.h"
#include "server/handles.h"
#include "socketio/ack_ticket.h"
#include "socketio/cluster.h"
#include "socketio/joining.h"
#include "socketio/payload.h"

namespace banter::detail {

void retain(Port& port) noexcept {
  port.retain();
}
void release(Port& port) noexcept {
  port.release();
}

namespace {

constexpr std::size_t kept_texts = 4;
constexpr std::size_t kept_capacity = 64 * 1024;

std::vector<std::unique_ptr<std::string>>& spare_texts() {
  thread_local std::vector<std::unique_ptr<std::string>> texts;
  return texts;
}

void decide(const PendingDecision& decision, bool is_accepted, std::string message, json data) {
  server::with_socket(decision.socket, [step = decision.step, about = decision.about, is_accepted,
                                        message = std::move(message),
                                        data = std::move(data)](socketio::Socket& socket) mutable {
    if (about == PendingDecision::About::event)
      return socket.decide_event(step, is_accepted, std::move(message));
    socket.decide(step, is_accepted, std::move(message), std::move(data));
  });
}

// Another server has asked; its adapter is on the ticket's Worker.
void answer_server(const AckTicketPtr& ticket, const socketio::Payload& payload) {
  const PortRef& port = ticket->socket.port;
  if (port->is_here()) return socketio::send_server_reply(payload, *ticket->server);
  port->post([ticket, owned = socketio::OwnedPayload(payload)] {
    socketio::send_server_reply(owned.view(), *ticket->server);
  });
}

}  // namespace

ScratchText::ScratchText() {
  auto& spare = spare_texts();
  if (spare.empty()) {
    text_ = std::make_unique<std::string>();
    return;
  }
  text_ = std::move(spare.back());
  spare.pop_back();
  text_->clear();
}

ScratchText::~ScratchText() {
  auto& spare = spare_texts();
  const bool is_worth_keeping = text_->capacity() <= kept_capacity && spare.size() < kept_texts;
  if (is_worth_keeping) spare.push_back(std::move(text_));
}

void answer(const AckTicketPtr& ticket, Encoder& data) {
  if (ticket->is_answered.exchange(true)) return;
  const socketio::Payload payload = socketio::view_of(data, 0);
  if (ticket->server) return answer_server(ticket, payload);
  if (ticket->socket.port->is_here()) {
    if (socketio::Socket* socket = server::find(ticket->socket)) socket->send_ack(ticket->id, payload);
    return;
  }
  server::with_socket(ticket->socket, [id = ticket->id, owned = socketio::OwnedPayload(payload)](
                                          socketio::Socket& socket) { socket.send_ack(id, owned.view()); });
}

bool was_answered(const AckTicketPtr& ticket) noexcept {
  return ticket->is_answered.load();
}

PendingDecision::~PendingDecision() {
  if (!is_decided.exchange(true)) decide(*this, false, "internal error", nullptr);
}

void accept(const std::shared_ptr<PendingDecision>& decision) {
  if (!decision->is_decided.exchange(true)) decide(*decision, true, {}, nullptr);
}

void refuse(const std::shared_ptr<PendingDecision>& decision, std::string message, json data) {
  if (decision->is_decided.exchange(true)) return;
  decide(*decision, false, std::move(message), std::move(data));
}

}  // namespace banter::detail
