#include "socketio/cluster.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json_scanner.h"
#include "socketio/ack_ticket.h"
#include "socketio/client.h"
#include "socketio/encoded_event.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"

namespace banter::socketio {

namespace {

// Calls `action` for each selected socket that is still there when its turn comes.
template <class Action>
void for_each_selected(Namespace& part, const Selector& selector, Action action) {
  std::vector<detail::Slot> slots;
  for (const Socket* socket : part.select(selector))
    slots.push_back(socket->ref().slot);
  for (const detail::Slot slot : slots) {
    if (Socket* socket = part.hub().find(slot)) action(*socket);
  }
}

std::vector<SocketRecord> records(Namespace& part, const Selector& selector) {
  std::vector<SocketRecord> found;
  for (Socket* socket : part.select(selector))
    found.push_back({std::string(socket->id()), socket->handshake(), socket->rooms(), socket->data()});
  return found;
}

// The values of an event or reply, taken apart; views into `text`.
std::vector<std::string_view> values_of(const std::string& text) {
  std::vector<std::string_view> values;
  static_cast<void>(base::split_array(text, values));  // our own encoder wrote it
  return values;
}

void run_handler(Namespace& part, detail::Handler& handler, std::string_view event,
                 detail::Invocation& call) {
  ProblemSink& problems = part.hub().problems();
  Problem context;
  context.where = Problem::Where::event;
  context.nsp = part.name();
  context.event = event;
  call.fits = true;
  if (!call_user(problems, context, [&] { handler(call); }) || call.fits) return;
  part.hub().counters().misfit_events.add();
  context.position = call.misfit.position;
  context.text = "argument " + std::to_string(call.misfit.position) + " is not: " + call.misfit.wanted;
  problems.report(context);
}

}  // namespace

Cluster::Cluster(Hub& hub, Adapter& adapter) : hub_(hub), adapter_(adapter) {
  hub.set_room_watcher(this);
}

Cluster::~Cluster() {
  hub_.set_room_watcher(nullptr);
}

void Cluster::stop() {
  if (!std::exchange(is_stopped_, true)) adapter_.stop();
}

bool Cluster::is_for_others(Reach reach) const noexcept {
  return reach == Reach::cluster && adapter_.reaches_others() && !is_stopped_;
}

// --- operations ---

void Cluster::publish(std::uint32_t nsp, Operation operation, Reach reach) {
  hub_.namespaces().for_each(nsp, [&](Namespace& part) {
    operation.nsp = part.name();
    if (operation.kind != Operation::Kind::server_event) carry_out(part, operation);
    if (is_for_others(reach)) adapter_.publish(operation);
  });
}

void Cluster::apply(const Operation& operation) {
  if (Namespace* part = hub_.namespaces().find(operation.nsp)) carry_out(*part, operation);
}

void Cluster::carry_out(Namespace& part, const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::broadcast:
      return part.emit(operation.event, operation.selector, operation.delivery);
    case Operation::Kind::join:
      return for_each_selected(part, operation.selector, [&](Socket& socket) {
        for (const std::string& room : operation.rooms)
          socket.join(room);
      });
    case Operation::Kind::leave:
      return for_each_selected(part, operation.selector, [&](Socket& socket) {
        for (const std::string& room : operation.rooms)
          socket.leave_room(room);
      });
    case Operation::Kind::disconnect:
      return for_each_selected(part, operation.selector, [&](Socket& socket) {
        operation.closes_connection ? socket.client().disconnect() : socket.disconnect();
      });
    case Operation::Kind::server_event: return run_server_event(part, operation.event, nullptr);
  }
}

// --- requests ---

// What is asked may be answered at once, so one part more keeps the gathering open.
void Cluster::request(std::uint32_t nsp, Request request, const std::shared_ptr<Gathering>& gathering,
                      Reach reach) {
  if (request.kind == Request::Kind::ask && !request.timeout) request.timeout = hub_.settings().ack_timeout;
  gathering->begin_part();
  hub_.namespaces().for_each(nsp, [&](Namespace& part) {
    request.nsp = part.name();
    if (request.kind != Request::Kind::server_event) {
      gathering->begin_part();
      answer_for(part, request, gathering);
    }
    if (is_for_others(reach)) {
      gathering->begin_part();
      adapter_.request(request, gathering);
    }
  });
  std::error_code error;
  if (is_stopped_) error = AckError::disconnected;
  hub_.loop().defer([gathering, error] { gathering->on_done(error, {}); });
}

void Cluster::answer(const Request& request, std::shared_ptr<Collector> collector) {
  Namespace* part = hub_.namespaces().find(request.nsp);
  part ? answer_for(*part, request, std::move(collector)) : collector->on_done({}, {});
}

void Cluster::answer_for(Namespace& part, const Request& request, std::shared_ptr<Collector> collector) {
  switch (request.kind) {
    case Request::Kind::ask: return ask(part, request, std::move(collector));
    case Request::Kind::server_event: return run_server_event(part, request.event, std::move(collector));
    case Request::Kind::sockets: collector->on_sockets(records(part, request.selector)); break;
    case Request::Kind::count: collector->on_count(part.count(request.selector)); break;
    case Request::Kind::rooms: collector->on_rooms(part.rooms()); break;
    case Request::Kind::servers: collector->on_count(1); break;
  }
  collector->on_done({}, {});
}

void Cluster::ask(Namespace& part, const Request& request, std::shared_ptr<Collector> collector) {
  const std::uint64_t id = part.definition().next_ack_id.fetch_add(1, std::memory_order_relaxed);
  const EncodedEvent event(part.name(), request.event, {id, {}});
  const loop::TimePoint deadline = hub_.loop().now() + request.timeout.value_or(hub_.settings().ack_timeout);
  part.ask(event, request.selector, request.delivery, deadline, std::move(collector));
}

void Cluster::run_server_event(Namespace& part, const Payload& event, std::shared_ptr<Collector> collector) {
  const std::string text = std::string(event.json) + "]";
  const std::vector<std::string_view> values = values_of(text);
  detail::TextStorage name;
  if (values.empty() || !detail::decode_text(values.front(), name)) return;
  auto& events = part.handlers().server_events;
  const auto found = events.find(name.view());
  if (found == events.end()) return hub_.counters().unhandled_events.add();
  const std::span<const std::string_view> arguments(values);
  const Args args(arguments.subspan(1), event.attachments);
  const detail::SocketRef nobody{detail::PortRef(hub_.loop().port()), {}, part.definition().id, {}};
  const auto ticket = collector ? detail::make_server_ticket(nobody, std::move(collector)) : nullptr;
  detail::Invocation call{nobody, args, ticket};
  for (detail::Handler& handler : found->second)
    run_handler(part, handler, name.view(), call);
}

void send_server_reply(const Payload& reply, Collector& collector) {
  const std::string text = std::string(reply.json) + "]";
  const std::vector<std::string_view> values = values_of(text);
  collector.on_reply({}, Args(values, reply.attachments).argument(0));
  collector.on_done({}, {});
}

// --- rooms ---

bool Cluster::watches(const Namespace& part) const noexcept {
  const Handlers& handlers = part.handlers();
  return adapter_.reaches_others() || !handlers.room_created.empty() || !handlers.room_deleted.empty();
}

// At the end of the turn, since the application may do anything with what it hears. By then a dynamic
// namespace may be forgotten, but not its handlers.
void Cluster::on_room(Namespace& part, std::string_view room, Presence presence) {
  if (is_for_others(Reach::cluster)) adapter_.interest(part.name(), room, presence, nullptr);
  Handlers& all = part.handlers();
  auto& handlers = presence == Presence::present ? all.room_created : all.room_deleted;
  if (handlers.empty()) return;
  hub_.loop().defer([&handlers, &problems = hub_.problems(), nsp = part.name(), name = std::string(room)] {
    Problem context;
    context.where = Problem::Where::task;
    context.nsp = nsp;
    context.event = "room";
    for (RoomHandler& handler : handlers)
      call_user(problems, context, [&] { handler(name); });
  });
}

}  // namespace banter::socketio
