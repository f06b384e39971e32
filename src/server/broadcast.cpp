#include <memory>
#include <utility>

#include "banter/namespace.h"
#include "banter/socket.h"
#include "server/handles.h"
#include "socketio/client.h"
#include "socketio/namespace.h"
#include "socketio/payload.h"

namespace banter {

namespace {

// Calls `action` for each selected socket that is still there when its turn comes.
template <class Action>
void for_each_selected(const detail::PortRef& port, std::uint32_t nsp, socketio::Selector selector,
                       Action action) {
  server::with_worker(port, [nsp, selector = std::move(selector), action](server::Worker& worker) {
    std::vector<detail::Slot> slots;
    worker.hub().namespaces().for_each(nsp, [&](socketio::Namespace& part) {
      for (const socketio::Socket* socket : part.select(selector))
        slots.push_back(socket->ref().slot);
    });
    for (const detail::Slot slot : slots) {
      if (socketio::Socket* socket = worker.hub().find(slot)) action(*socket);
    }
  });
}

}  // namespace

Broadcast Broadcast::to(std::string_view room) const {
  Broadcast changed = *this;
  changed.rooms_.emplace_back(room);
  return changed;
}

Broadcast Broadcast::to(const std::vector<std::string>& rooms) const {
  Broadcast changed = *this;
  changed.rooms_.insert(changed.rooms_.end(), rooms.begin(), rooms.end());
  return changed;
}

Broadcast Broadcast::except(std::string_view room) const {
  Broadcast changed = *this;
  changed.except_.emplace_back(room);
  return changed;
}

Broadcast Broadcast::except(const std::vector<std::string>& rooms) const {
  Broadcast changed = *this;
  changed.except_.insert(changed.except_.end(), rooms.begin(), rooms.end());
  return changed;
}

Broadcast Broadcast::volatile_() const {
  Broadcast changed = *this;
  changed.is_volatile_ = true;
  return changed;
}

Broadcast Broadcast::compress(bool compresses) const {
  Broadcast changed = *this;
  changed.compresses_ = compresses;
  return changed;
}

void Broadcast::send(detail::OutgoingEvent& event) const {
  if (!port_ || !port_->is_open()) return;
  const socketio::Payload payload = socketio::view_of(event.data(), event.name_end());
  const engine::Delivery delivery(is_volatile_ ? loop::Policy::drop : loop::Policy::queue,
                                  compresses_ ? Compress::yes : Compress::no);
  socketio::Selector selector{rooms_, except_};
  if (port_->is_here()) {
    server::Worker* worker = server::begun_worker(*port_);
    if (!worker) return;
    return worker->hub().namespaces().for_each(
        nsp_, [&](socketio::Namespace& part) { part.emit(payload, selector, delivery); });
  }
  server::with_worker(port_, [nsp = nsp_, delivery, selector = std::move(selector),
                              owned = socketio::OwnedPayload(payload)](server::Worker& worker) {
    worker.hub().namespaces().for_each(
        nsp, [&](socketio::Namespace& part) { part.emit(owned.view(), selector, delivery); });
  });
}

void Broadcast::sockets_join(std::string_view room) const {
  for_each_selected(port_, nsp_, {rooms_, except_},
                    [name = std::string(room)](socketio::Socket& socket) { socket.join(name); });
}

void Broadcast::sockets_leave(std::string_view room) const {
  for_each_selected(port_, nsp_, {rooms_, except_},
                    [name = std::string(room)](socketio::Socket& socket) { socket.leave_room(name); });
}

void Broadcast::disconnect_sockets(Disconnect what) const {
  for_each_selected(port_, nsp_, {rooms_, except_}, [what](socketio::Socket& socket) {
    what == Disconnect::connection ? socket.client().disconnect() : socket.disconnect();
  });
}

void Namespace::use(Function<void(Socket, Next)> middleware) const {
  const auto registration = detail::open_registration(registration_, "use");
  registration->namespaces.handlers(id_).middlewares.emplace_back(
      [middleware = std::move(middleware)](const detail::SocketRef& socket, Next next) mutable {
        middleware(Socket(socket), std::move(next));
      });
}

void Namespace::add(std::string_view event, detail::PreparedHandler handler) const {
  const auto registration = detail::open_registration(registration_, "on(\"" + std::string(event) + "\")");
  socketio::add_handler(registration->namespaces.handlers(id_), event, handler.shape,
                        std::move(handler.handler));
}

void Namespace::count(Function<void(std::size_t)> done) const {
  server::with_worker(port_, [nsp = id_, done = std::move(done)](server::Worker& worker) mutable {
    std::size_t size = 0;
    worker.hub().namespaces().for_each(nsp, [&](const socketio::Namespace& part) { size += part.size(); });
    worker.loop().defer([done = std::move(done), size, &problems = worker.shared().problems]() mutable {
      Problem context;
      context.where = Problem::Where::task;
      context.event = "count";
      socketio::call_user(problems, context, [&] { done(size); });
    });
  });
}

}  // namespace banter
