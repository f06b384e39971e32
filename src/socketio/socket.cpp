#include "socketio/socket.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "banter/decode.h"
#include "base/string_map.h"
#include "engine/handshake_record.h"
#include "socketio/ack_ticket.h"
#include "socketio/client.h"
#include "socketio/error.h"
#include "socketio/hub.h"
#include "socketio/joining.h"
#include "socketio/namespace.h"

namespace banter::socketio {

Socket::Socket(Client& client, Namespace& nsp, detail::SocketRef ref, std::string auth)
    : client_(client), nsp_(nsp), ref_(std::move(ref)), auth_(std::move(auth)) {}

Socket::~Socket() = default;

Hub& Socket::hub() const noexcept {
  return nsp_.hub();
}

Problem Socket::problem(Problem::Where where, std::string_view event) const {
  Problem problem;
  problem.where = where;
  problem.nsp = nsp_.name();
  problem.socket_id = id();
  problem.event = event;
  return problem;
}

// --- leaving ---

void Socket::disconnect() {
  if (!hub().has_events_under_way()) return disconnect_now();
  hub().behind_own_events([&all = hub(), slot = ref_.slot] {
    if (Socket* socket = all.find(slot)) socket->disconnect_now();
  });
}

void Socket::disconnect_now() {
  if (!is_joined()) return;
  client_.send_disconnect(*this);
  leave({.kind = Reason::server_namespace_disconnect, .by = EndedBy::server, .layer = Layer::application});
}

// A client that could not keep up is worth a warning; others come and go.
void Socket::log_leaving(const DisconnectReason& reason) const {
  base::Log* const log = hub().problems().log();
  const LogLevel level = reason.kind == Reason::slow_consumer ? LogLevel::warning : LogLevel::info;
  if (!log || !log->wants(level)) return;
  const std::string text = base::describe(reason);
  const std::string address = client_.link().handshake().to_public().address;
  log->write({level, reason.layer, text, nsp_.name(), id(), address});
}

void Socket::leave(const DisconnectReason& reason) {
  if (state_ == State::leaving || state_ == State::left) return;
  const bool had_joined = is_joined();
  state_ = State::leaving;
  if (had_joined) log_leaving(reason);  // user code, as any: it finds the socket leaving
  joining_.reset();
  if (!had_joined && recovery_) end_session(reason.kind);
  if (had_joined) {
    run_local(nsp_.handlers().disconnecting, "disconnecting", &reason);
    if (recovery_) end_session(reason.kind);
    nsp_.remove(*this);
    hub().counters().sockets.subtract();
    hub().counters().disconnects[static_cast<std::size_t>(reason.kind)].add();
  }
  state_ = State::left;
  if (had_joined) run_local(nsp_.handlers().disconnect, "disconnect", &reason);
  if (acks_) acks_->fail_all(make_error_code(AckError::disconnected));
  if (had_joined) nsp_.stop_awaiting(*this);
  hub().release(*this);
  client_.release(*this);
}

// --- sending ---

SendResult Socket::emit(const Payload& payload, const EmitFlags& flags, detail::AckCallback&& callback) {
  if (state_ == State::leaving || state_ == State::left) return SendResult::closed;
  if (hub().recovery()) return emit_through_log(payload, flags, std::move(callback));
  std::optional<std::uint64_t> id;
  if (callback) id = nsp_.definition().next_ack_id.fetch_add(1, std::memory_order_relaxed);
  std::string key;
  const SendResult result = client_.send_event(*this, payload, id, nsp_.scoped(flags.delivery(), key));
  if (result == SendResult::closed) return result;
  if (result == SendResult::dropped) {
    hub().counters().dropped.add();
    return result;
  }
  hub().counters().events_out.add();
  if (id) await_ack(*id, flags, std::move(callback));
  return result;
}

void Socket::await_ack(std::uint64_t id, const EmitFlags& flags, detail::AckCallback&& callback) {
  if (!acks_) acks_ = std::make_unique<AckTable>(*this);
  loop::Loop& loop = hub().loop();
  const loop::TimePoint deadline = loop.now() + flags.ack_timeout.value_or(hub().settings().ack_timeout);
  acks_->add(id, std::move(callback), loop.wheel(), loop.now(), deadline);
}

void Socket::send_ack(std::uint64_t id, const Payload& payload) {
  if (is_joined()) client_.send_ack(*this, payload, id);
}

void Socket::run_ack(detail::AckCallback& callback, detail::AckAnswer& answer) {
  if (answer.error == AckError::timeout) hub().counters().ack_timeouts.add();
  const bool is_whole =
      call_user(hub().problems(), problem(Problem::Where::ack, {}), [&] { callback(answer); });
  if (!is_whole || !answer.unheard) return;
  Problem unheard = problem(Problem::Where::ack, {});
  unheard.text = answer.unheard.message();
  hub().problems().report(unheard);
}

// --- rooms, handlers, data ---

void Socket::join(std::string_view room) {
  if (joining_) {
    joining_->rooms.emplace_back(room);
  } else if (is_joined()) {
    nsp_.join(*this, room);
  }
}

void Socket::leave_room(std::string_view room) {
  if (joining_) {
    std::erase(joining_->rooms, room);
  } else if (is_joined()) {
    nsp_.leave(*this, room);
  }
}

std::vector<std::string> Socket::rooms() const {
  return state_ == State::joined || state_ == State::leaving ? nsp_.rooms_of(*this)
                                                             : std::vector<std::string>{};
}

void Socket::on(std::string_view event, detail::HandlerShape shape, detail::Handler handler) {
  if (local_name(event, shape) == LocalName::connection) {
    throw std::logic_error("banter: socket.on(\"connection\"): a socket hears of itself only; use io.on");
  }
  handlers_.push_back({std::string(event), std::make_shared<detail::Handler>(std::move(handler))});
}

void Socket::off(std::string_view event) noexcept {
  std::erase_if(handlers_, [&](const OwnHandler& own) { return own.event == event; });
}

void Socket::on_drain(Function<void()> handler) {
  if (!drain_handlers_) drain_handlers_ = std::make_unique<std::vector<Function<void()>>>();
  drain_handlers_->push_back(std::move(handler));
}

// A handler may add others, which are not called yet, and end the socket, which is destroyed after the turn.
void Socket::drained() {
  const auto call = [this](auto&& handler) {
    static_cast<void>(call_user(hub().problems(), problem(Problem::Where::connection, "drain"), handler));
  };
  for (auto& handler : nsp_.handlers().drain)
    call([&] { handler(ref_); });
  std::unique_ptr<std::vector<Function<void()>>> own = std::move(drain_handlers_);
  if (!own) return;
  for (auto& handler : *own)
    call([&] { handler(); });
  if (drain_handlers_) std::move(drain_handlers_->begin(), drain_handlers_->end(), std::back_inserter(*own));
  drain_handlers_ = std::move(own);
}

Handshake Socket::handshake() const {
  Handshake handshake = client_.link().handshake().to_public();
  const detail::RawArgument auth{auth_.empty() ? std::string_view("{}") : std::string_view(auth_)};
  if (!detail::decode_json(auth, handshake.auth)) handshake.auth = json::object();
  return handshake;
}

// --- delivering ---

std::error_code Socket::deliver(const Packet& packet, std::string_view text,
                                std::span<const Bytes> attachments) {
  if (joining_) return hold(text, attachments);
  if (!is_joined()) return {};
  const Args args(packet.arguments, attachments, client_.binary_form());
  if (packet.is_event()) {
    deliver_event(packet, args);
    return {};
  }
  take_ack(*packet.id, args);
  return {};
}

void Socket::take_ack(std::uint64_t id, const Args& args) {
  Counters& counters = hub().counters();
  counters.acks_in.add();
  const loop::TimePoint now = hub().loop().now();
  const auto sent = acks_ ? acks_->answer(id, args) : std::nullopt;
  if (sent) return counters.ack_latency.add(now - *sent);
  const bool is_of_broadcast = nsp_.answer(id, *this, args);
  if (!is_of_broadcast) counters.unknown_acks.add();
}

std::error_code Socket::hold(std::string_view text, std::span<const Bytes> attachments) {
  std::size_t size = joining_->kept.bytes() + text.size() + sizeof(Joining::Held);
  for (const Bytes& bytes : attachments)
    size += bytes.size();
  if (size > hub().settings().max_held) return Error::held_too_much;
  joining_->kept.resize(size);
  joining_->held.push_back({std::string(text), {attachments.begin(), attachments.end()}});
  return {};
}

void Socket::deliver_event(const Packet& packet, const Args& args) {
  hub().counters().events_in.add();
  const std::string_view event = packet.name.view();
  const detail::AckTicketPtr ticket = packet.id ? detail::make_ticket(ref_, *packet.id) : nullptr;
  detail::Invocation call{ref_, args, ticket};
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

// Handlers may add and remove handlers: those that are there at the beginning run, removed ones excepted.
bool Socket::run_own_handlers(Problem::Where where, std::string_view event, detail::Invocation& call) {
  if (handlers_.empty()) return false;
  std::vector<std::weak_ptr<detail::Handler>> matching;
  for (const OwnHandler& own : handlers_) {
    if (own.event == event) matching.push_back(own.handler);
  }
  for (const auto& weak : matching) {
    if (const auto handler = weak.lock()) run_handler(*handler, where, event, call);
  }
  return !matching.empty();
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
