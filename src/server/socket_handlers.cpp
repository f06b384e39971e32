// What an application registers for one socket.
#include <atomic>
#include <utility>

#include "banter/socket.h"
#include "server/handles.h"
#include "server/timers.h"
#include "socketio/socket.h"

namespace banter {

namespace {

using socketio::Place;

socketio::CatchAll without_socket(Socket::CatchAll catch_all) {
  return [catch_all = std::move(catch_all)](const detail::SocketRef&, std::string_view event,
                                            const Args& args) mutable { catch_all(event, args); };
}

HandlerId add_any(const detail::SocketRef& ref, Socket::CatchAll catch_all, Place place, const char* what) {
  socketio::Socket* socket = server::find_here(ref, what);
  return socket ? socket->on_any(without_socket(std::move(catch_all)), place) : HandlerId::none;
}

HandlerId add_any_outgoing(const detail::SocketRef& ref, Socket::CatchAll catch_all, Place place,
                           const char* what) {
  socketio::Socket* socket = server::find_here(ref, what);
  return socket ? socket->on_any_outgoing(without_socket(std::move(catch_all)), place) : HandlerId::none;
}

}  // namespace

HandlerId Socket::add(std::string_view event, detail::PreparedHandler handler, Times times) const {
  socketio::Socket* socket = server::find_here(ref_, "on");
  if (!socket) return HandlerId::none;
  return socket->on(event, handler.shape, std::move(handler.handler),
                    times == Times::once ? socketio::Socket::Times::once : socketio::Socket::Times::every);
}

void Socket::off(HandlerId handler) const {
  if (socketio::Socket* socket = server::find_here(ref_, "off")) socket->off(handler);
}

void Socket::off(std::string_view event) const {
  if (socketio::Socket* socket = server::find_here(ref_, "off")) socket->off(event);
}

void Socket::off_all() const {
  if (socketio::Socket* socket = server::find_here(ref_, "off_all")) socket->off_all();
}

HandlerId Socket::on_any(CatchAll catch_all) const {
  return add_any(ref_, std::move(catch_all), Place::back, "on_any");
}

HandlerId Socket::prepend_any(CatchAll catch_all) const {
  return add_any(ref_, std::move(catch_all), Place::front, "prepend_any");
}

void Socket::off_any(HandlerId catch_all) const {
  if (socketio::Socket* socket = server::find_here(ref_, "off_any")) socket->off_any(catch_all);
}

void Socket::off_any() const {
  if (socketio::Socket* socket = server::find_here(ref_, "off_any")) socket->off_any();
}

HandlerId Socket::on_any_outgoing(CatchAll catch_all) const {
  return add_any_outgoing(ref_, std::move(catch_all), Place::back, "on_any_outgoing");
}

HandlerId Socket::prepend_any_outgoing(CatchAll catch_all) const {
  return add_any_outgoing(ref_, std::move(catch_all), Place::front, "prepend_any_outgoing");
}

void Socket::off_any_outgoing(HandlerId catch_all) const {
  if (socketio::Socket* socket = server::find_here(ref_, "off_any_outgoing"))
    socket->off_any_outgoing(catch_all);
}

void Socket::off_any_outgoing() const {
  if (socketio::Socket* socket = server::find_here(ref_, "off_any_outgoing")) socket->off_any_outgoing();
}

void Socket::use(Function<void(std::string_view, const Args&, Next)> middleware) const {
  socketio::Socket* socket = server::find_here(ref_, "use");
  if (!socket) return;
  socket->use(
      [middleware = std::move(middleware)](const detail::SocketRef&, std::string_view event, const Args& args,
                                           Next next) mutable { middleware(event, args, std::move(next)); });
}

void Socket::on_drain(Function<void()> handler) const {
  if (socketio::Socket* socket = server::find_here(ref_, "on_drain")) socket->on_drain(std::move(handler));
}

void Socket::on_upgrade(Function<void()> listener) const {
  if (socketio::Socket* socket = server::find_here(ref_, "on_upgrade"))
    socket->on_upgrade(std::move(listener));
}

Timer Socket::after(std::chrono::milliseconds delay, Function<void()> task) const {
  static std::atomic<std::uint64_t> next_id{1};
  const std::uint64_t id = next_id.fetch_add(1, std::memory_order_relaxed);
  server::with_socket(
      ref_, [id, delay = server::bounded(delay), task = std::move(task)](socketio::Socket& socket) mutable {
        socket.after(id, delay, std::move(task));
      });
  return Timer(ref_.port, id, ref_.slot);
}

}  // namespace banter
