#include "banter/socket.h"

#include <stdexcept>
#include <utility>

#include "banter/namespace.h"
#include "server/handles.h"
#include "server/timers.h"
#include "socketio/client.h"
#include "socketio/payload.h"
#include "socketio/socket.h"

namespace banter {

namespace detail {

OutgoingEvent::OutgoingEvent(std::string_view event) : data_(text_.get()) {
  if (socketio::is_reserved_event(event)) {
    throw std::logic_error("banter: emit(\"" + std::string(event) +
                           "\"): the library keeps this name to itself");
  }
  text_.get() += '[';
  data_.write_string(event);
  name_end_ = text_.get().size();
}

namespace {

Problem problem_of(const SocketRef& ref, Problem::Where where) {
  Problem problem;
  problem.where = where;
  problem.socket_id = ref.id_view();
  return problem;
}

// Tells a callback that no answer will come.
void fail(const SocketRef& ref, AckCallback& callback, AckError error) {
  socketio::ProblemSink& problems = server::Worker::of(*ref.port)->shared().problems;
  const Args none;
  AckAnswer answer{error, none, {}};
  Problem problem = problem_of(ref, Problem::Where::ack);
  const bool is_whole = socketio::call_user(problems, problem, [&] { callback(answer); });
  if (!is_whole || !answer.unheard) return;
  problem.text = answer.unheard.message();
  problems.report(problem);
}

// What a caller elsewhere was answered `posted` for: its callback is taken, so it hears of every end.
void send_posted(const SocketRef& ref, const socketio::Payload& payload, const socketio::EmitFlags& how,
                 AckCallback& callback) {
  AckError error = how.is_volatile ? AckError::timeout : AckError::disconnected;
  if (socketio::Socket* socket = server::find(ref)) {
    if (socket->has_max_acks()) error = AckError::timeout;
    socket->emit(payload, how, std::move(callback));
  } else {
    server::count_gone(*ref.port);
  }
  if (callback) fail(ref, callback, error);
}

}  // namespace

SendResult send(const SocketRef& ref, OutgoingEvent& event, const EmitFlags& flags, AckCallback callback) {
  if (!ref.port || !ref.port->is_open()) return SendResult::closed;
  const socketio::Payload payload = socketio::view_of(event.data(), event.name_end());
  socketio::EmitFlags how{flags.is_volatile, flags.compress, flags.ack_timeout, flags.is_latest, flags.key};
  if (how.ack_timeout) how.ack_timeout = server::bounded(*how.ack_timeout);
  if (ref.port->is_here()) {
    socketio::Socket* socket = server::find(ref);
    return socket ? socket->emit(payload, how, std::move(callback)) : SendResult::closed;
  }
  if (server::refuses_posts(*ref.port)) return SendResult::dropped;
  const bool is_posted = ref.port->post(
      [ref, owned = socketio::OwnedPayload(payload, ref.port->budget()), how,
       callback = std::move(callback)]() mutable { send_posted(ref, owned.view(), how, callback); });
  return is_posted ? SendResult::posted : SendResult::closed;
}

}  // namespace detail

namespace {

const json null_value;

}  // namespace

Namespace Socket::nsp() const {
  std::string_view name;
  std::weak_ptr<detail::Registration> registration;
  if (ref_.port && ref_.port->is_open()) {
    if (!ref_.port->is_here()) server::throw_elsewhere("nsp");
    if (server::Worker* worker = server::begun_worker(*ref_.port)) {
      const socketio::Namespace* part = worker->hub().namespaces().find(ref_.nsp);
      if (part) name = part->name();
      registration = worker->shared().registration.weak_from_this();
    }
  }
  return Namespace(std::move(registration), ref_.port, ref_.nsp, name);
}

Broadcast Socket::broadcast() const {
  return Broadcast(ref_.port, ref_.nsp).except(ref_.id_view());
}

void Socket::join(Rooms rooms) const {
  server::with_socket(ref_, [names = std::move(rooms.names())](socketio::Socket& socket) {
    for (const std::string& name : names)
      socket.join(name);
  });
}

void Socket::leave(Rooms rooms) const {
  server::with_socket(ref_, [names = std::move(rooms.names())](socketio::Socket& socket) {
    for (const std::string& name : names)
      socket.leave_room(name);
  });
}

void Socket::disconnect(Disconnect what) const {
  server::with_socket(ref_, [what](socketio::Socket& socket) {
    what == Disconnect::connection ? socket.client().disconnect() : socket.disconnect();
  });
}

const json& Socket::data() const {
  socketio::Socket* socket = server::find_here(ref_, "data");
  return socket ? socket->data() : null_value;
}

void Socket::set_data(json data) const {
  server::with_socket(
      ref_, [data = std::move(data)](socketio::Socket& socket) mutable { socket.data() = std::move(data); });
}

Handshake Socket::handshake() const {
  socketio::Socket* socket = server::find_here(ref_, "handshake");
  return socket ? socket->handshake() : Handshake{};
}

std::vector<std::string> Socket::rooms() const {
  socketio::Socket* socket = server::find_here(ref_, "rooms");
  return socket ? socket->rooms() : std::vector<std::string>{};
}

bool Socket::connected() const {
  socketio::Socket* socket = server::find_here(ref_, "connected");
  return socket && socket->is_joined();
}

RecoveryFailure Socket::recovery_failure() const {
  socketio::Socket* socket = server::find_here(ref_, "recovery_failure");
  return socket ? socket->recovery_failure() : RecoveryFailure::not_asked;
}

std::size_t Socket::buffered() const {
  socketio::Socket* socket = server::find_here(ref_, "buffered");
  return socket ? socket->client().link().buffered() : 0;
}

Transport Socket::transport() const {
  socketio::Socket* socket = server::find_here(ref_, "transport");
  return socket ? socket->client().link().transport() : Transport::polling;
}

bool Socket::run(Function<void()> task) const {
  if (!ref_.port) return false;
  const auto call = [](const detail::SocketRef& ref, Function<void()>& now) {
    Problem context = detail::problem_of(ref, Problem::Where::task);
    context.event = "run";
    socketio::call_user(server::Worker::of(*ref.port)->shared().problems, context, [&] { now(); });
  };
  if (ref_.port->is_here()) {
    call(ref_, task);
    return true;
  }
  return ref_.port->post([ref = ref_, call, later = std::move(task)]() mutable { call(ref, later); });
}

}  // namespace banter
