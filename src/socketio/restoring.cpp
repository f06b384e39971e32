// A socket's part in connection state recovery: how it comes back, how it is lost, and how its events pass
// through the log meanwhile.
#include <algorithm>
#include <utility>

#include "base/random.h"
#include "socketio/client.h"
#include "socketio/hub.h"
#include "socketio/joining.h"
#include "socketio/namespace.h"

namespace banter::socketio {

namespace {

std::size_t size_of(const std::vector<LogEntryPtr>& entries) {
  std::size_t size = 0;
  for (const LogEntryPtr& entry : entries) {
    const Payload payload = entry->event.payload();
    size += payload.json.size();
    for (const Bytes& bytes : payload.attachments)
      size += bytes.size();
  }
  return size;
}

}  // namespace

// --- coming back ---

// An answer for this socket, if it is still there when the answer comes.
template <class Answer>
Reply<Answer> Socket::reply_to(void (Socket::*method)(Answer)) {
  return {ref_.port, [&all = hub(), slot = ref_.slot, method](Answer answer) {
            if (Socket* socket = all.find(slot)) (socket->*method)(std::move(answer));
          }};
}

// False if the client wants nothing back. Else joining goes on in on_session(); meanwhile what the client
// sends is held, and the deadline of the middlewares runs.
bool Socket::begin_restoring() {
  recovery_ = std::make_unique<RecoveryState>();
  RecoveryRequest request;
  recovery_->failure = read_recovery_request(auth_, request);
  if (recovery_->failure != RecoveryFailure::none) return false;
  recovery_->failure = RecoveryFailure::unknown_session;  // so far
  recovery_->asked_offset = request.offset;
  request.nsp = nsp_.name();
  const std::string pid = request.pid;
  Reply<std::monostate> ended{ref_.port, [&all = hub(), slot = ref_.slot, request](std::monostate) {
                                if (Socket* socket = all.find(slot)) socket->take_session(request);
                              }};
  if (!hub().recovery()->live.end(pid, ref_.nsp, std::move(ended))) take_session(std::move(request));
  return true;
}

void Socket::take_session(RecoveryRequest request) {
  hub().recovery()->log.take_session(std::move(request),
                                     {ref_.port, [&all = hub(), slot = ref_.slot](TakenSession taken) {
                                        Socket* socket = all.find(slot);
                                        if (socket) return socket->on_session(std::move(taken));
                                        if (taken.failure == RecoveryFailure::none)
                                          all.recovery()->log.save_session(std::move(taken.session), {});
                                      }});
}

void Socket::on_session(TakenSession taken) {
  recovery_->failure = taken.failure;
  if (taken.failure == RecoveryFailure::none) {
    recovery_->session = std::make_unique<SavedSession>(std::move(taken.session));
    recovery_->pid = recovery_->session->pid;
    std::copy_n(recovery_->session->sid.begin(), ref_.id.size(), ref_.id.begin());
    data_ = recovery_->session->data;
    hub().recovery()->live.add(recovery_->pid, ref_, hub());
  }
  if (client_.is_closing()) return;  // leave() saves the session again
  const bool skips = recovered() && hub().recovery()->skips_middlewares;
  skips ? accept() : advance();
}

void Socket::ask_for_missed() {
  hub().recovery()->log.replay(*recovery_->session, recovery_->asked_offset, reply_to(&Socket::on_missed));
}

void Socket::on_missed(MissedEvents missed) {
  if (client_.is_closing()) return;  // leave() saves the session again
  if (missed.failure == RecoveryFailure::none && size_of(missed.entries) > hub().recovery()->max_replay)
    missed.failure = RecoveryFailure::too_much;
  if (missed.failure != RecoveryFailure::none) {
    missed.entries.clear();
    become_fresh(missed.failure);
  }
  join_namespace(missed.entries);
}

// What it missed was evicted while its middlewares decided.
void Socket::become_fresh(RecoveryFailure why) {
  hub().recovery()->live.remove(recovery_->pid);
  recovery_ = std::make_unique<RecoveryState>();
  recovery_->failure = why;
  data_ = nullptr;
  if (const auto id = base::random_id()) std::copy_n(id->begin(), ref_.id.size(), ref_.id.begin());
}

void Socket::restore_rooms() {
  if (!recovered()) return;
  const std::vector<std::string>& rooms = recovery_->session->rooms;
  for (const std::string& room : rooms)
    join(room);
  const bool is_in_own = std::find(rooms.begin(), rooms.end(), id()) != rooms.end();
  if (!is_in_own) nsp_.leave(*this, id());
}

void Socket::send_missed(const std::vector<LogEntryPtr>& missed) {
  for (const LogEntryPtr& entry : missed) {
    const engine::Delivery delivery(loop::Policy::queue, entry->delivery().compress);
    nsp_.send(*this, entry->event, delivery);
  }
}

// --- being there ---

void Socket::begin_session() {
  const Recovery& shared = *hub().recovery();
  if (recovered()) {
    recovery_->joined_at = std::move(recovery_->session->joined_at);
    if (recovery_->last_sent.empty()) recovery_->last_sent = recovery_->asked_offset;
    recovery_->session.reset();
  } else if (const auto pid = base::random_id()) {
    recovery_->pid = *pid;
    recovery_->joined_at = nsp_.log_offset();
    shared.live.add(*pid, ref_, hub());
  }
  hub().counters().recoveries[static_cast<std::size_t>(recovery_->failure)].add();
}

// While it is joining, events go out at once, ahead of CONNECT. What a client is sent last it takes for its
// offset: the one it came with, so that nothing is skipped if it is lost again, or where it begins.
SendResult Socket::emit_through_log(const Payload& payload, const EmitFlags& flags,
                                    detail::AckCallback&& callback) {
  std::optional<std::uint64_t> id;
  if (callback) id = nsp_.definition().next_ack_id.fetch_add(1, std::memory_order_relaxed);
  std::shared_ptr<LogEntry> entry = nsp_.make_entry(payload, id);
  if (!is_joined()) {
    const bool comes_back = recovery_ && recovery_->session;
    if (recovery_ && !id) entry->event.set_offset(comes_back ? recovery_->asked_offset : nsp_.log_offset());
    std::string key;
    const SendResult result = nsp_.send(*this, entry->event, nsp_.scoped(flags.delivery(), key));
    const bool is_sent = result != SendResult::closed && result != SendResult::dropped;
    if (is_sent && id) await_ack(*id, flags, std::move(callback));
    return result;
  }
  entry->sid = ref_.id_view();
  entry->selector.rooms.push_back(entry->sid);
  entry->set_delivery(flags.delivery());
  entry->is_stored = recovery_ && !id && entry->delivery().policy != loop::Policy::drop;
  if (id) await_ack(*id, flags, std::move(callback));
  hub().append(std::move(entry));
  return SendResult::posted;
}

// --- being lost ---

void Socket::end_session(Reason reason) {
  const Recovery& shared = *hub().recovery();
  if (recovery_->pid.empty()) return;
  const std::unique_ptr<SavedSession> unrestored = std::move(recovery_->session);
  if (!leaves_session(reason)) return shared.live.remove(recovery_->pid);
  SavedSession session;
  if (unrestored) {
    session = std::move(*unrestored);
  } else {
    session.nsp = nsp_.name();
    session.pid = recovery_->pid;
    session.sid = id();
    session.rooms = nsp_.rooms_of(*this);
    session.data = data_;
    session.joined_at = recovery_->joined_at;
    session.last_sent = recovery_->last_sent;
    session.lost_after = nsp_.log_offset();
  }
  shared.log.save_session(
      std::move(session),
      {ref_.port, [live = &shared.live, pid = recovery_->pid](std::monostate) { live->remove(pid); }});
}

}  // namespace banter::socketio
