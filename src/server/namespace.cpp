#include "banter/namespace.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "server/handles.h"
#include "server/registration.h"
#include "socketio/cluster.h"
#include "socketio/definition.h"
#include "socketio/gathering.h"
#include "socketio/packet.h"
#include "socketio/payload.h"

namespace banter {

// --- registration ---

namespace {

socketio::CatchAll with_socket_first(Function<void(Socket, std::string_view, const Args&)> catch_all) {
  return [catch_all = std::move(catch_all)](const detail::SocketRef& socket, std::string_view event,
                                            const Args& args) mutable {
    catch_all(Socket(socket), event, args);
  };
}

}  // namespace

void Namespace::on_drain(Function<void(Socket)> handler) const {
  const auto registration = detail::open_registration(registration_, "on_drain");
  registration->namespaces.handlers(id_).drain.emplace_back(
      [handler = std::move(handler)](const detail::SocketRef& socket) mutable { handler(Socket(socket)); });
}

void Namespace::use(Function<void(Socket, Next)> middleware) const {
  const auto registration = detail::open_registration(registration_, "use");
  registration->namespaces.handlers(id_).middlewares.emplace_back(
      [middleware = std::move(middleware)](const detail::SocketRef& socket, Next next) mutable {
        middleware(Socket(socket), std::move(next));
      });
}

void Namespace::on_any(Function<void(Socket, std::string_view, const Args&)> catch_all) const {
  const auto registration = detail::open_registration(registration_, "on_any");
  registration->namespaces.handlers(id_).any.push_back(with_socket_first(std::move(catch_all)));
}

void Namespace::on_any_outgoing(Function<void(Socket, std::string_view, const Args&)> catch_all) const {
  const auto registration = detail::open_registration(registration_, "on_any_outgoing");
  registration->namespaces.handlers(id_).any_outgoing.push_back(with_socket_first(std::move(catch_all)));
}

void Namespace::use_event(Function<void(Socket, std::string_view, const Args&, Next)> middleware) const {
  const auto registration = detail::open_registration(registration_, "use_event");
  registration->namespaces.handlers(id_).event_middlewares.emplace_back(
      [middleware = std::move(middleware)](const detail::SocketRef& socket, std::string_view event,
                                           const Args& args, Next next) mutable {
        middleware(Socket(socket), event, args, std::move(next));
      });
}

void Namespace::add(std::string_view event, detail::PreparedHandler handler) const {
  const auto registration = detail::open_registration(registration_, "on(\"" + std::string(event) + "\")");
  socketio::add_handler(registration->namespaces.handlers(id_), event, handler.shape,
                        std::move(handler.handler));
}

void Namespace::add_server_handler(std::string_view event, detail::PreparedHandler handler) const {
  const std::string call = "on_server(\"" + std::string(event) + "\")";
  const auto registration = detail::open_registration(registration_, call);
  if (handler.shape.takes_reason || socketio::is_reserved_event(event))
    throw std::logic_error("banter: " + call + ": no server can send such an event");
  registration->namespaces.handlers(id_).server_events[std::string(event)].push_back(
      std::move(handler.handler));
}

void Namespace::on_room_created(Function<void(std::string_view)> handler) const {
  const auto registration = detail::open_registration(registration_, "on_room_created");
  registration->namespaces.handlers(id_).room_created.push_back(std::move(handler));
}

void Namespace::on_room_deleted(Function<void(std::string_view)> handler) const {
  const auto registration = detail::open_registration(registration_, "on_room_deleted");
  registration->namespaces.handlers(id_).room_deleted.push_back(std::move(handler));
}

// --- what concerns no single socket ---

namespace {

const socketio::Selector everyone_of_it;

// Asks the whole cluster; `kind` needs no event.
void request(server::Worker& worker, std::uint32_t nsp, socketio::Request::Kind kind, std::string_view what,
             socketio::Gathering::Done done) {
  worker.cluster().request(
      nsp, {.kind = kind, .selector = everyone_of_it},
      std::make_shared<socketio::Gathering>(worker.shared().problems, what, std::move(done)),
      socketio::Reach::cluster);
}

}  // namespace

void Namespace::send_to_servers(detail::OutgoingEvent& event) const {
  const socketio::Payload payload = socketio::view_of(event.data(), event.name_end());
  server::with_worker(port_, [nsp = id_, owned = socketio::OwnedPayload(payload)](server::Worker& worker) {
    worker.cluster().publish(
        nsp,
        {.kind = socketio::Operation::Kind::server_event, .selector = everyone_of_it, .event = owned.view()},
        socketio::Reach::cluster);
  });
}

void Namespace::ask_servers(detail::OutgoingEvent& event, std::unique_ptr<detail::AnswerSink> answers) const {
  const socketio::Payload payload = socketio::view_of(event.data(), event.name_end());
  server::with_worker(port_, [nsp = id_, owned = socketio::OwnedPayload(payload),
                              answers = std::move(answers)](server::Worker& worker) mutable {
    worker.cluster().request(
        nsp,
        {.kind = socketio::Request::Kind::server_event, .selector = everyone_of_it, .event = owned.view()},
        std::make_shared<socketio::Gathering>(worker.shared().problems, "", std::move(answers)),
        socketio::Reach::cluster);
  });
}

void Namespace::room_list(Function<void(std::vector<RoomInfo>)> done) const {
  server::with_worker(port_, [nsp = id_, done = std::move(done)](server::Worker& worker) mutable {
    request(worker, nsp, socketio::Request::Kind::rooms, "room_list",
            [done = std::move(done)](socketio::Gathered& all) mutable { done(std::move(all.rooms)); });
  });
}

void Namespace::server_count(Function<void(std::size_t)> done) const {
  server::with_worker(port_, [nsp = id_, done = std::move(done)](server::Worker& worker) mutable {
    request(worker, nsp, socketio::Request::Kind::servers, "server_count",
            [done = std::move(done)](socketio::Gathered& all) mutable { done(all.count); });
  });
}

}  // namespace banter
