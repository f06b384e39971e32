// What a client sends to one of its sockets: acknowledgements, and events on their way through catch-alls,
// middlewares and handlers. Any of these may end the socket, whose memory lasts to the end of the turn.
#include <utility>

#include "socketio/ack_ticket.h"
#include "socketio/client.h"
#include "socketio/error.h"
#include "socketio/hub.h"
#include "socketio/joining.h"
#include "socketio/own_state.h"
#include "socketio/split_event.h"

namespace banter::socketio {

std::error_code Socket::deliver(const Packet& packet, std::string_view text,
                                std::span<const Bytes> attachments) {
  const Settings& settings = hub().settings();
  if (packet.is_event() && packet.name.view().size() > settings.max_event_name)
    return Error::event_name_too_long;
  if (joining_) return joining_->held.add(text, attachments, settings.max_held);
  if (!is_joined()) return {};
  const Args args(packet.arguments, attachments, client_.binary_form());
  if (!packet.is_event()) {
    take_ack(*packet.id, args);
    return {};
  }
  EventGate* gate = own_ ? own_->gate.get() : nullptr;
  if (gate && gate->is_waiting) return gate->held.add(text, attachments, settings.max_held);
  deliver_event(packet, args);
  gate = own_ ? own_->gate.get() : nullptr;
  if (gate && gate->is_waiting && !gate->is_replaying)
    gate->keep({std::string(text), {attachments.begin(), attachments.end()}});
  return {};
}

// Not held behind an event that waits: its middleware may be asking the client.
void Socket::take_ack(std::uint64_t id, const Args& args) {
  Counters& counters = hub().counters();
  counters.acks_in.add();
  const loop::TimePoint now = hub().loop().now();
  const auto sent = acks_ ? acks_->answer(id, args) : std::nullopt;
  if (sent) return counters.ack_latency.add(now - *sent);
  const bool is_of_broadcast = nsp_.answer(id, *this, args);
  if (!is_of_broadcast) counters.unknown_acks.add();
}

void Socket::deliver_event(const Packet& packet, const Args& args) {
  const std::string_view event = packet.name.view();
  const bool goes_on = own_ && own_->gate && std::exchange(own_->gate->goes_on, false);
  if (!goes_on) {
    hub().counters().events_in.add();
    hear(nsp_.handlers().any, own_ ? &own_->any : nullptr, event, args);
    if (!is_reachable()) return;
    if (has_event_middlewares()) begin_asking();
  }
  if (has_event_middlewares() && !ask_middlewares(event, args)) return;
  const detail::AckTicketPtr ticket = packet.id ? detail::make_ticket(ref_, *packet.id) : nullptr;
  detail::Invocation call{ref_, args, ticket};
  run_handlers(event, call);
}

bool Socket::is_reachable() const noexcept {
  return is_joined() && !client_.is_closing();
}

// --- catch-alls

void Socket::hear(std::vector<CatchAll>& common, Listeners<CatchAll>* own, std::string_view event,
                  const Args& args) {
  const auto call = [&](CatchAll& catch_all) {
    call_user(hub().problems(), problem(Problem::Where::event, event), [&] { catch_all(ref_, event, args); });
  };
  for (CatchAll& catch_all : common)
    call(catch_all);
  if (own) own->run({}, [&](const auto& entry) { call(entry->function); });
}

bool Socket::has_outgoing_catch_alls() const noexcept {
  return !nsp_.handlers().any_outgoing.empty() || (own_ && !own_->any_outgoing.empty());
}

void Socket::hear_outgoing(const SplitEvent& event) {
  hear(nsp_.handlers().any_outgoing, own_ ? &own_->any_outgoing : nullptr, event.name(), event.args());
}

// --- middlewares

bool Socket::has_event_middlewares() const noexcept {
  return !nsp_.handlers().event_middlewares.empty() || (own_ && !own_->middlewares.empty());
}

EventMiddleware* Socket::event_middleware(std::size_t step) const noexcept {
  auto& common = nsp_.handlers().event_middlewares;
  if (step < common.size()) return &common[step];
  step -= common.size();
  return own_ && step < own_->middlewares.size() ? own_->middlewares[step].get() : nullptr;
}

void Socket::begin_asking() {
  OwnState& state = own();
  if (!state.gate) state.gate = std::make_unique<EventGate>(*this);
  state.gate->step = 0;
}

// Calls middlewares for as long as they decide at once. False if the event does not go on now: it waits, was
// refused, or the socket is over.
bool Socket::ask_middlewares(std::string_view event, const Args& args) {
  EventGate& gate = *own_->gate;
  for (;;) {
    if (std::exchange(gate.is_decided, false)) {
      if (!gate.is_accepted) {
        refuse_event(event, gate.message);
        return false;
      }
      ++gate.step;
    }
    EventMiddleware* middleware = event_middleware(gate.step);
    if (!middleware) return true;
    ask(*middleware, event, args);
    if (!is_reachable()) return false;
    if (!gate.is_decided) break;
  }
  gate.is_waiting = true;
  loop::Loop& loop = hub().loop();
  gate.deadline.set(loop.wheel(), loop.now() + hub().settings().middleware_timeout);
  return false;
}

void Socket::ask(EventMiddleware& middleware, std::string_view event, const Args& args) {
  EventGate& gate = *own_->gate;
  auto decision =
      std::make_shared<detail::PendingDecision>(ref_, ++gate.call, detail::PendingDecision::About::event);
  gate.is_running = true;
  const bool is_whole = call_user(hub().problems(), problem(Problem::Where::middleware, event),
                                  [&] { middleware(ref_, event, args, Next(decision)); });
  if (!is_whole && !decision->is_decided.exchange(true)) decide_event(gate.call, false, "internal error");
  decision.reset();  // if no copy was kept and nothing decided, this refuses
  gate.is_running = false;
}

void Socket::decide_event(std::uint64_t call, bool is_accepted, std::string message) {
  EventGate* gate = own_ ? own_->gate.get() : nullptr;
  if (!gate || gate->call != call || !is_reachable()) return;
  const bool is_awaited = (gate->is_running || gate->is_waiting) && !gate->is_decided;
  if (!is_awaited) return;
  gate->is_decided = true;
  gate->is_accepted = is_accepted;
  gate->message = std::move(message);
  if (!gate->is_running) go_on();
}

void Socket::on_event_timeout() {
  decide_event(own_->gate->call, false, "timeout");
}

// The event that was waited for goes on, and then those behind it, until one has to wait again.
void Socket::go_on() {
  EventGate& gate = *own_->gate;
  gate.deadline.cancel();
  gate.is_waiting = false;
  gate.goes_on = true;
  gate.is_replaying = true;
  HeldPackets::Packet packet = gate.take();
  for (;;) {
    client_.replay(packet.text, packet.attachments);
    if (!is_reachable()) return;
    if (gate.is_waiting) break;
    if (gate.held.empty()) break;
    packet = gate.held.take();
  }
  gate.is_replaying = false;
  if (gate.is_waiting) gate.keep(std::move(packet));
}

void Socket::refuse_event(std::string_view event, const std::string& message) {
  hub().counters().refused_events.add();
  Problem refused = problem(Problem::Where::middleware, event);
  refused.text = message;
  hub().problems().report(refused);
}

// --- handlers

void Socket::run_handlers(std::string_view event, detail::Invocation& call) {
  auto& events = nsp_.handlers().events;
  const auto found = events.find(event);
  const bool is_known = found != events.end();
  if (is_known) {
    for (detail::Handler& handler : found->second)
      run_handler(handler, Problem::Where::event, event, call);
  }
  if (!run_own_handlers(Problem::Where::event, event, call) && !is_known)
    hub().counters().unhandled_events.add();
}

void Socket::run_handler(detail::Handler& handler, Problem::Where where, std::string_view event,
                         detail::Invocation& call) {
  call.fits = true;
  const bool is_whole = call_user(hub().problems(), problem(where, event), [&] { handler(call); });
  if (!is_whole || call.fits) return;
  hub().counters().misfit_events.add();
  Problem misfit = problem(where, event);
  misfit.position = call.misfit.position;
  misfit.text = "argument " + std::to_string(call.misfit.position) + " is not: " + call.misfit.wanted;
  hub().problems().report(misfit);
}

bool Socket::run_own_handlers(Problem::Where where, std::string_view event, detail::Invocation& call) {
  if (!own_) return false;
  return own_->handlers.run(event,
                            [&](const auto& entry) { run_handler(entry->function, where, event, call); });
}

void Socket::run_local(std::vector<detail::Handler>& handlers, std::string_view event,
                       const DisconnectReason* reason) {
  const Args none;
  const detail::AckTicketPtr no_ticket;
  detail::Invocation call{ref_, none, no_ticket, reason};
  for (detail::Handler& handler : handlers)
    run_handler(handler, Problem::Where::connection, event, call);
  run_own_handlers(Problem::Where::connection, event, call);
}

}  // namespace banter::socketio
