// The event log of a server that has no other process beside it: in memory, under one lock.
//
// Places in it are numbered through all namespaces, and an offset is such a number, so that an offset says by
// itself whether anything behind it was evicted: also when its own event was, or never was one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/string_map.h"
#include "socketio/event_log.h"

namespace banter::socketio {

struct EventLogLimits {
  // Events and sessions older than that restore nobody.
  loop::Milliseconds max_duration;

  // Of one namespace. Bytes are those of the events and one wire form of each.
  std::size_t max_entries;
  std::size_t max_bytes;

  // Of all namespaces together.
  std::size_t max_sessions;
};

// What it holds now.
struct EventLogSize {
  std::size_t entries = 0;
  std::size_t bytes = 0;
  std::size_t sessions = 0;
};

// Offsets are of this log alone: `epoch`, a few characters that no other log has, begins them. `clock` is
// called on any thread, one at a time. Events are charged to the `budget`, which may be null; while it is
// spent the namespaces that go on sending give up their oldest ones.
//
// A Worker to which nothing older is on its way delivers what it appends before append() returns; everything
// else goes through the mailboxes, posted under the lock that gives events their places.
class MemoryEventLog final : public EventLog {
 public:
  MemoryEventLog(EventLogLimits limits, std::string epoch, Function<loop::TimePoint()> clock,
                 base::Budget* budget = nullptr);
  ~MemoryEventLog() override;

  void add_reader(Port& port, LogReader& reader) override;
  void append(std::shared_ptr<LogEntry> entry) override;
  void save_session(SavedSession session, Reply<std::monostate> saved) override;
  void take_session(RecoveryRequest request, Reply<TakenSession> reply) override;
  void replay(const SavedSession& session, std::string_view offset, Reply<MissedEvents> reply) override;

  // Drops some of what is too old. True if there is more: not all at once, because everybody waits meanwhile.
  [[nodiscard]] bool prune();

  [[nodiscard]] EventLogSize size() const;

 private:
  using Place = std::uint64_t;  // 0 is in front of everything

  struct Reader;
  struct Stored {
    Place place;
    loop::TimePoint time;
    std::size_t bytes;
    LogEntryPtr entry;
  };
  // The events of one namespace that can still be replayed: all that were stored behind `evicted`.
  struct Stream {
    std::deque<Stored> entries;
    std::size_t bytes = 0;
    Place evicted = 0;
  };
  using Sessions = std::list<SavedSession>;

  void store(const LogEntryPtr& entry);
  void make_room(Stream& stream);
  [[nodiscard]] bool is_too_much(const Stream& stream) const;
  void evict_first(Stream& stream);
  void forget(Sessions::iterator session);
  void drop_empty_streams();
  [[nodiscard]] Reader* publish(const LogEntryPtr& entry);
  [[nodiscard]] std::string offset_of(Place place) const;
  [[nodiscard]] std::optional<Place> place_of(std::string_view offset) const;
  [[nodiscard]] std::optional<Place> place_to_go_on(const SavedSession& session,
                                                    std::string_view offset) const;
  [[nodiscard]] TakenSession take(const RecoveryRequest& request);
  [[nodiscard]] MissedEvents missed(const SavedSession& session, std::string_view offset) const;
  [[nodiscard]] loop::TimePoint oldest() { return clock_() - limits_.max_duration; }

  const EventLogLimits limits_;
  const std::string epoch_;

  base::Budget* const budget_;

  mutable std::mutex mutex_;  // guards everything below
  Function<loop::TimePoint()> clock_;
  std::vector<std::unique_ptr<Reader>> readers_;
  base::StringMap<Stream> streams_;  // by namespace
  base::Charge charge_;              // their bytes
  Place last_ = 0;                   // the newest place that was given away
  Place evicted_ = 0;                // the same as Stream::evicted, for namespaces without a Stream
  Sessions sessions_;                // in the order they were saved
  base::StringMap<Sessions::iterator> by_pid_;
};

}  // namespace banter::socketio
