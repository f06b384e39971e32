#include "socketio/memory_event_log.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

namespace banter::socketio {

namespace {

constexpr std::size_t max_empty_streams = 1024;  // clients may name namespaces
constexpr std::size_t pruned_at_once = 1000;

// The data twice: for the replay clients share wire forms, of which there is mostly one kind.
std::size_t size_of(const LogEntry& entry) {
  const Payload payload = entry.event.payload();
  std::size_t data = payload.json.size();
  for (const Bytes& bytes : payload.attachments)
    data += bytes.size();
  std::size_t names = 0;
  for (const std::string& room : entry.selector.rooms)
    names += sizeof(room) + room.size();
  for (const std::string& room : entry.selector.except)
    names += sizeof(room) + room.size();
  return sizeof(LogEntry) + names + 2 * data;
}

using Rooms = std::unordered_set<std::string_view>;

bool has_any(const Rooms& rooms, const std::vector<std::string>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& room) { return rooms.contains(room); });
}

bool is_for(const LogEntry& entry, const SavedSession& session, const Rooms& rooms) {
  if (entry.is_for_one()) return entry.sid == session.sid;
  const Selector& selector = entry.selector;
  return (selector.rooms.empty() || has_any(rooms, selector.rooms)) && !has_any(rooms, selector.except);
}

template <class Answer>
bool post(Reply<Answer> reply, Answer answer) {
  if (!reply.to) return false;
  Port& to = *reply.to;
  return to.post(
      [done = std::move(reply.done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
}

}  // namespace

// A Worker. `under_way` counts what was posted to it and has not run, and what it is delivering right now.
struct MemoryEventLog::Reader {
  Reader(Port& its_port, LogReader& its_reader) : port(its_port), reader(its_reader) {}

  // On the Worker that appends: nothing older waits for it.
  [[nodiscard]] bool can_deliver_now(const LogEntry& entry) const noexcept {
    return entry.origin == port.get() && port->is_here() && under_way.load(std::memory_order_acquire) == 0;
  }
  void deliver(const LogEntry& entry) {
    reader.deliver(entry);
    under_way.fetch_sub(1, std::memory_order_release);
  }

  detail::PortRef port;
  LogReader& reader;
  std::atomic<std::size_t> under_way{0};
};

MemoryEventLog::MemoryEventLog(EventLogLimits limits, std::string epoch, Function<loop::TimePoint()> clock,
                               base::Budget* budget)
    : limits_(limits), epoch_(std::move(epoch)), budget_(budget), clock_(std::move(clock)), charge_(budget) {}

MemoryEventLog::~MemoryEventLog() = default;

void MemoryEventLog::add_reader(Port& port, LogReader& reader) {
  const std::lock_guard lock(mutex_);
  readers_.push_back(std::make_unique<Reader>(port, reader));
}

// --- events ---

void MemoryEventLog::append(std::shared_ptr<LogEntry> entry) {
  Reader* here = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (entry->is_stored) ++last_;
    if (entry->takes_offset()) entry->event.set_offset(offset_of(last_));
    const LogEntryPtr settled = entry;
    if (settled->is_stored) store(settled);
    here = publish(settled);
  }
  if (here) here->deliver(*entry);
}

// The calling Worker may deliver at once if everything older was: then it is not overtaking anything.
MemoryEventLog::Reader* MemoryEventLog::publish(const LogEntryPtr& entry) {
  Reader* here = nullptr;
  for (const auto& reader : readers_) {
    if (reader->can_deliver_now(*entry)) {
      here = reader.get();
      here->under_way.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    reader->under_way.fetch_add(1, std::memory_order_relaxed);
    // A Worker whose port is closed hears of nothing any more.
    static_cast<void>(reader->port->post([to = reader.get(), entry] { to->deliver(*entry); }));
  }
  return here;
}

void MemoryEventLog::store(const LogEntryPtr& entry) {
  auto found = streams_.find(entry->event.nsp());
  if (found == streams_.end()) {
    if (streams_.size() >= max_empty_streams) drop_empty_streams();
    found = streams_.emplace(entry->event.nsp(), Stream{}).first;
    found->second.evicted = evicted_;
  }
  Stream& stream = found->second;
  stream.entries.push_back({last_, clock_(), size_of(*entry), entry});
  stream.bytes += stream.entries.back().bytes;
  charge_.resize(charge_.bytes() + stream.entries.back().bytes);
  make_room(stream);
}

void MemoryEventLog::make_room(Stream& stream) {
  const loop::TimePoint oldest = stream.entries.back().time - limits_.max_duration;
  while (!stream.entries.empty() && (is_too_much(stream) || stream.entries.front().time < oldest))
    evict_first(stream);
}

bool MemoryEventLog::is_too_much(const Stream& stream) const {
  const bool is_full = stream.entries.size() > limits_.max_entries || stream.bytes > limits_.max_bytes;
  return is_full || (budget_ && budget_->is_spent());
}

void MemoryEventLog::evict_first(Stream& stream) {
  stream.evicted = stream.entries.front().place;
  stream.bytes -= stream.entries.front().bytes;
  charge_.resize(charge_.bytes() - stream.entries.front().bytes);
  stream.entries.pop_front();
}

void MemoryEventLog::drop_empty_streams() {
  for (auto it = streams_.begin(); it != streams_.end();) {
    if (!it->second.entries.empty()) {
      ++it;
      continue;
    }
    evicted_ = std::max(evicted_, it->second.evicted);
    it = streams_.erase(it);
  }
}

std::string MemoryEventLog::offset_of(Place place) const {
  return epoch_ + '.' + std::to_string(place);
}

std::optional<MemoryEventLog::Place> MemoryEventLog::place_of(std::string_view offset) const {
  if (!offset.starts_with(epoch_)) return std::nullopt;
  offset.remove_prefix(epoch_.size());
  if (!offset.starts_with('.')) return std::nullopt;
  offset.remove_prefix(1);
  Place place = 0;
  const auto [end, error] = std::from_chars(offset.data(), offset.data() + offset.size(), place);
  if (error != std::errc{} || end != offset.data() + offset.size() || place > last_) return std::nullopt;
  return place;
}

// --- sessions ---

void MemoryEventLog::save_session(SavedSession session, Reply<std::monostate> saved) {
  {
    const std::lock_guard lock(mutex_);
    if (!session.lost_at) session.lost_at = clock_();
    const auto known = by_pid_.find(session.pid);
    if (known != by_pid_.end()) forget(known->second);
    if (sessions_.size() >= limits_.max_sessions) forget(sessions_.begin());
    sessions_.push_back(std::move(session));
    by_pid_.emplace(sessions_.back().pid, std::prev(sessions_.end()));
  }
  if (saved.done) post(std::move(saved), std::monostate{});
}

void MemoryEventLog::forget(Sessions::iterator session) {
  by_pid_.erase(by_pid_.find(session->pid));
  sessions_.erase(session);
}

void MemoryEventLog::take_session(RecoveryRequest request, Reply<TakenSession> reply) {
  TakenSession taken;
  {
    const std::lock_guard lock(mutex_);
    taken = take(request);
  }
  post(std::move(reply), std::move(taken));
}

TakenSession MemoryEventLog::take(const RecoveryRequest& request) {
  const auto found = by_pid_.find(request.pid);
  if (found == by_pid_.end() || found->second->nsp != request.nsp) return {};
  TakenSession taken{RecoveryFailure::none, std::move(*found->second)};
  sessions_.erase(found->second);
  by_pid_.erase(found);
  if (*taken.session.lost_at < oldest()) {
    taken.failure = RecoveryFailure::expired;
  } else if (!place_to_go_on(taken.session, request.offset)) {
    taken.failure = RecoveryFailure::offset_gone;
  }
  return taken;
}

// --- replay ---

// Behind which place a client goes on that shows `offset`; nothing if what follows is not all there.
std::optional<MemoryEventLog::Place> MemoryEventLog::place_to_go_on(const SavedSession& session,
                                                                    std::string_view offset) const {
  std::optional<Place> place = place_of(offset);
  if (!place) return std::nullopt;
  // What was said before it joined is not owed to it: the offset may be one of an earlier life.
  place = std::max(*place, place_of(session.joined_at).value_or(0));
  // Who has the last one that it was sent missed nothing until it was lost, however long ago that one was.
  if (offset == session.last_sent) place = std::max(*place, place_of(session.lost_after).value_or(0));
  const auto stream = streams_.find(session.nsp);
  const Place evicted = stream == streams_.end() ? evicted_ : stream->second.evicted;
  if (*place < evicted) return std::nullopt;
  return place;
}

MissedEvents MemoryEventLog::missed(const SavedSession& session, std::string_view offset) const {
  const std::optional<Place> place = place_to_go_on(session, offset);
  if (!place) return {};
  MissedEvents missed{RecoveryFailure::none, {}};
  const auto stream = streams_.find(session.nsp);
  if (stream == streams_.end()) return missed;
  const auto& entries = stream->second.entries;
  const Rooms rooms(session.rooms.begin(), session.rooms.end());
  auto next = std::upper_bound(entries.begin(), entries.end(), *place,
                               [](Place behind, const Stored& stored) { return behind < stored.place; });
  for (; next != entries.end(); ++next) {
    if (is_for(*next->entry, session, rooms)) missed.entries.push_back(next->entry);
  }
  return missed;
}

void MemoryEventLog::replay(const SavedSession& session, std::string_view offset, Reply<MissedEvents> reply) {
  const std::lock_guard lock(mutex_);
  const auto asking = std::find_if(readers_.begin(), readers_.end(),
                                   [&](const auto& reader) { return reader->port.get() == reply.to.get(); });
  MissedEvents answer = missed(session, offset);
  if (asking == readers_.end()) return static_cast<void>(post(std::move(reply), std::move(answer)));
  // Under way like an event, so that none that follows is delivered before it.
  Reader* const reader = asking->get();
  reader->under_way.fetch_add(1, std::memory_order_relaxed);
  Reply<MissedEvents> in_order{reply.to, [reader, done = std::move(reply.done)](MissedEvents missed) mutable {
                                 reader->under_way.fetch_sub(1, std::memory_order_release);
                                 done(std::move(missed));
                               }};
  post(std::move(in_order), std::move(answer));
}

// --- bounds ---

bool MemoryEventLog::prune() {
  const std::lock_guard lock(mutex_);
  const loop::TimePoint oldest_entry = oldest();
  std::size_t dropped = 0;
  for (auto& [name, stream] : streams_) {
    while (!stream.entries.empty() && stream.entries.front().time < oldest_entry) {
      if (++dropped > pruned_at_once) return true;
      evict_first(stream);
    }
  }
  // Sessions are kept twice as long, so that who comes too late is told so.
  const loop::TimePoint oldest_session = oldest_entry - limits_.max_duration;
  while (!sessions_.empty() && *sessions_.front().lost_at < oldest_session) {
    if (++dropped > pruned_at_once) return true;
    forget(sessions_.begin());
  }
  return false;
}

EventLogSize MemoryEventLog::size() const {
  const std::lock_guard lock(mutex_);
  EventLogSize size{.sessions = sessions_.size()};
  for (const auto& [name, stream] : streams_) {
    size.entries += stream.entries.size();
    size.bytes += stream.bytes;
  }
  return size;
}

}  // namespace banter::socketio
