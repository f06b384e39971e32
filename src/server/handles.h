// From a handle to what it means: on its Worker at once, from elsewhere through the mailbox.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "banter/handle.h"
#include "banter/send_result.h"
#include "loop/mailbox.h"
#include "server/worker.h"

namespace banter::server {

// The Worker of a port; null before `listen`. Only on the port's thread.
[[nodiscard]] inline Worker* begun_worker(const Port& port) noexcept {
  Worker* worker = Worker::of(port);
  return worker && worker->has_begun() ? worker : nullptr;
}

// The socket a handle means, on its Worker; null if it is gone.
[[nodiscard]] inline socketio::Socket* find(const detail::SocketRef& ref) noexcept {
  Worker* worker = begun_worker(*ref.port);
  return worker ? worker->hub().find(ref.slot) : nullptr;
}

[[noreturn]] inline void throw_elsewhere(const char* what) {
  throw std::logic_error("banter: Socket::" + std::string(what) +
                         " belongs to the socket's Worker; on another thread use run()");
}

// The same for what belongs to the Worker: throws std::logic_error on another thread.
[[nodiscard]] inline socketio::Socket* find_here(const detail::SocketRef& ref, const char* what) {
  if (!ref.port || !ref.port->is_open()) return nullptr;
  if (!ref.port->is_here()) throw_elsewhere(what);
  return find(ref);
}

// Whether a caller on another thread is refused because the budget is spent; counts it.
[[nodiscard]] inline bool refuses_posts(const Port& port) noexcept {
  base::Budget* budget = port.budget();
  if (!budget || !budget->is_spent()) return false;
  budget->count_refusal();
  return true;
}

// Counts a call for a socket that was gone when its turn came. On the Worker.
inline void count_gone(const Port& port) noexcept {
  if (Worker* worker = begun_worker(port)) worker->counters().socketio.gone.add();
}

// Applies `action` to the socket: now on its Worker, else later there. A socket that is gone by then is
// counted.
template <class Action>
SendResult with_socket(const detail::SocketRef& ref, Action action) {
  if (!ref.port || !ref.port->is_open()) return SendResult::closed;
  if (ref.port->is_here()) {
    socketio::Socket* socket = find(ref);
    if (!socket) return SendResult::closed;
    action(*socket);
    return SendResult::sent;
  }
  const bool is_posted = ref.port->post([ref, action = std::move(action)]() mutable {
    if (socketio::Socket* socket = find(ref)) return static_cast<void>(action(*socket));
    count_gone(*ref.port);
  });
  return is_posted ? SendResult::posted : SendResult::closed;
}

// The same for a whole Worker.
template <class Action>
void with_worker(const detail::PortRef& port, Action action) {
  if (!port) return;
  if (port->is_here()) {
    if (Worker* worker = begun_worker(*port)) action(*worker);
    return;
  }
  port->post([port, action = std::move(action)]() mutable {
    if (Worker* worker = begun_worker(*port)) action(*worker);
  });
}

}  // namespace banter::server
