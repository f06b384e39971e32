// What an application registers for one socket.
#include "socketio/own_state.h"

#include <stdexcept>
#include <utility>

#include "socketio/hub.h"

namespace banter::socketio {

Socket::OwnState& Socket::own() {
  if (!own_) own_ = std::make_unique<OwnState>();
  return *own_;
}

// Functions stay to the end of the turn: one of them may be running.
void Socket::drop_own_state() {
  off_any_outgoing();
  own_->timers.reset();
  if (own_->gate) own_->gate->deadline.cancel();
}

HandlerId Socket::on(std::string_view event, detail::HandlerShape shape, detail::Handler handler,
                     Times times) {
  if (local_name(event, shape) == LocalName::connection) {
    throw std::logic_error("banter: socket.on(\"connection\"): a socket hears of itself only; use io.on");
  }
  const HandlerId id = own().make_id();
  own_->handlers.add({id, std::string(event), std::move(handler), times == Times::once});
  return id;
}

void Socket::off(HandlerId id) {
  if (own_) own_->handlers.remove(id);
}
void Socket::off(std::string_view event) {
  if (own_) own_->handlers.remove(event);
}
void Socket::off_all() {
  if (own_) own_->handlers.clear();
}

HandlerId Socket::on_any(CatchAll catch_all, Place place) {
  const HandlerId id = own().make_id();
  own_->any.add({id, {}, std::move(catch_all)}, place);
  return id;
}

void Socket::off_any(HandlerId id) {
  if (own_) own_->any.remove(id);
}
void Socket::off_any() {
  if (own_) own_->any.clear();
}

// The namespace counts who listens, so that a broadcast to nobody who does need not look.
HandlerId Socket::on_any_outgoing(CatchAll catch_all, Place place) {
  const HandlerId id = own().make_id();
  if (own_->any_outgoing.empty()) nsp_.outgoing_listener_came();
  own_->any_outgoing.add({id, {}, std::move(catch_all)}, place);
  return id;
}

void Socket::off_any_outgoing(HandlerId id) {
  if (!own_ || own_->any_outgoing.empty()) return;
  own_->any_outgoing.remove(id);
  if (own_->any_outgoing.empty()) nsp_.outgoing_listener_went();
}
void Socket::off_any_outgoing() {
  if (!own_ || own_->any_outgoing.empty()) return;
  own_->any_outgoing.clear();
  nsp_.outgoing_listener_went();
}

void Socket::use(EventMiddleware middleware) {
  own().middlewares.push_back(std::make_unique<EventMiddleware>(std::move(middleware)));
}

void Socket::on_upgrade(Function<void()> listener) {
  const HandlerId id = own().make_id();
  own_->upgrade.add({id, {}, std::move(listener)});
}

void Socket::hear_upgrade() {
  if (!own_) return;
  own_->upgrade.run({}, [&](const auto& entry) {
    call_user(hub().problems(), problem(Problem::Where::event, "upgrade"), [&] { entry->function(); });
  });
}

void Socket::on_drain(Function<void()> handler) {
  const HandlerId id = own().make_id();
  own_->drain.add({id, {}, std::move(handler)});
}

// A handler may add others, which are not called yet, and end the socket, which is destroyed after the turn.
void Socket::drained() {
  const auto call = [this](auto&& handler) {
    static_cast<void>(call_user(hub().problems(), problem(Problem::Where::connection, "drain"), handler));
  };
  for (auto& handler : nsp_.handlers().drain)
    call([&] { handler(ref_); });
  if (own_) own_->drain.run({}, [&](const auto& entry) { call([&] { entry->function(); }); });
}

void Socket::after(std::uint64_t id, loop::Milliseconds delay, Function<void()> task) {
  if (state_ == State::leaving || state_ == State::left) return;
  if (!own().timers) own_->timers = std::make_unique<Timers>(hub().loop(), hub().problems());
  own_->timers->add(id, hub().loop().now() + delay, std::move(task));
}

void Socket::cancel_timer(std::uint64_t id) {
  if (own_ && own_->timers) own_->timers->cancel(id);
}

}  // namespace banter::socketio
