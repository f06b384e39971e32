#include "socketio/socket.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "banter/decode.h"
#include "engine/handshake_record.h"
#include "socketio/client.h"
#include "socketio/hub.h"
#include "socketio/joining.h"
#include "socketio/own_state.h"
#include "socketio/split_event.h"

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
  if (own_) drop_own_state();  // behind the last call of user code, which might add to it
  hub().release(*this);
  client_.release(*this);
}

// --- sending ---

SendResult Socket::emit(const Payload& payload, const EmitFlags& flags, detail::AckCallback&& callback) {
  if (state_ == State::leaving || state_ == State::left) return SendResult::closed;
  if (has_outgoing_catch_alls()) {
    hear_outgoing(SplitEvent(payload));
    if (state_ == State::leaving || state_ == State::left) return SendResult::closed;
  }
  if (callback && has_max_acks()) {
    hub().counters().refused_acks.add();
    return SendResult::dropped;
  }
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

bool Socket::has_max_acks() const noexcept {
  return acks_ && acks_->size() >= hub().settings().max_pending_acks;
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
  if (joining_ && joining_->rooms.size() < hub().settings().max_rooms) {
    joining_->rooms.emplace_back(room);
  } else if (joining_ || (is_joined() && !nsp_.join(*this, room))) {
    refuse_room(room);
  }
}

void Socket::refuse_room(std::string_view room) {
  hub().counters().refused_rooms.add();
  Problem refused = problem(Problem::Where::limit, "join");
  refused.text = "not joined, the socket is in max_rooms already: " + std::string(room);
  hub().problems().report(refused);
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

Handshake Socket::handshake() const {
  Handshake handshake = client_.link().handshake().to_public();
  const detail::RawArgument auth{auth_.empty() ? std::string_view("{}") : std::string_view(auth_)};
  if (!detail::decode_json(auth, handshake.auth)) handshake.auth = json::object();
  return handshake;
}

}  // namespace banter::socketio
