// The order in which a namespace sends, and what clients missed who come back: connection state recovery.
//
//   append --(the log gives it a place)--> every Worker delivers it, in the order of the log
//   save_session <-- a client is lost      take_session, replay --> it is back
//
// Everything here may take as long as a network: no answer has come, nothing is delivered and no offset is
// known when a call returns. An implementation may be earlier than that; nobody relies on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "banter/function.h"
#include "banter/handle.h"
#include "banter/json.h"
#include "banter/recovery.h"
#include "engine/link.h"
#include "loop/mailbox.h"
#include "loop/time.h"
#include "socketio/encoded_event.h"
#include "socketio/selector.h"

namespace banter::socketio {

// One event on its way through the log, with its namespace, data and, once it has its place, its offset.
// Immutable from then on.
struct LogEntry {
  LogEntry(std::string_view nsp, const Payload& payload, std::optional<std::uint64_t> ack_id = std::nullopt)
      : event(nsp, payload, Extras{ack_id, {}}) {}

  // Of an event to one socket: that socket's id. It hears it whether or not it is still in the room of that
  // name.
  [[nodiscard]] bool is_for_one() const noexcept { return !sid.empty(); }

  // Its callback is the last thing a receiver sees of an event that asks for an answer: no offset behind it.
  [[nodiscard]] bool takes_offset() const noexcept { return !event.extras().ack_id; }

  // Volatile events and those that ask for an answer are delivered in their place, but never replayed.
  bool is_stored = true;

  EncodedEvent event;
  Selector selector;
  std::string sid{};

  void set_delivery(engine::Delivery delivery) {
    policy_ = delivery.policy;
    compress_ = delivery.compress;
    key_ = delivery.key;
  }
  [[nodiscard]] engine::Delivery delivery() const noexcept { return {policy_, compress_, key_}; }

  // The Worker that appended it; null: another process. Only compared.
  const Port* origin = nullptr;

 private:
  loop::Policy policy_ = loop::Policy::queue;
  Compress compress_ = Compress::yes;
  std::string key_;
};

using LogEntryPtr = std::shared_ptr<const LogEntry>;

// What a socket leaves behind when its connection is lost. Offsets are opaque; an empty one is none.
struct SavedSession {
  std::string nsp;
  std::string pid;
  std::string sid;
  std::vector<std::string> rooms;
  json data;
  std::optional<loop::TimePoint> lost_at;  // set by the log when it is saved first

  std::string joined_at;   // the place in the log when it joined as a fresh socket
  std::string last_sent;   // the newest offset it was sent
  std::string lost_after;  // the place in the log when it was lost
};

// What a client that comes back shows.
struct RecoveryRequest {
  std::string nsp;
  std::string pid;
  std::string offset;
};

struct TakenSession {
  RecoveryFailure failure = RecoveryFailure::unknown_session;
  SavedSession session;  // if there was no failure
};

struct MissedEvents {
  RecoveryFailure failure = RecoveryFailure::offset_gone;
  std::vector<LogEntryPtr> entries;  // if there was no failure; oldest first
};

// Who asked, and what to do with the answer: `done` runs on that Worker, in the order of its mailbox; it is
// destroyed uncalled if the Worker is gone.
template <class Answer>
struct Reply {
  detail::PortRef to;
  Function<void(Answer)> done;
};

// A Worker, as the log sees it.
class LogReader {
 public:
  // The next event of the log; on the Worker's thread.
  virtual void deliver(const LogEntry& entry) = 0;

 protected:
  ~LogReader() = default;
};

// Any thread, but for add_reader.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Both outlive the log's last delivery: the log is quiet once the Worker's port is closed. Before the first
  // append.
  virtual void add_reader(Port& port, LogReader& reader) = 0;

  // Gives the event its place behind all earlier ones. Every reader delivers it, in the order of the log;
  // one thread's are in the order of its calls.
  virtual void append(std::shared_ptr<LogEntry> entry) = 0;

  // Keeps the session for who comes back. `saved` runs when take_session can find it.
  virtual void save_session(SavedSession session, Reply<std::monostate> saved) = 0;

  // Hands the session out if it can be restored from `request.offset`; nobody else gets it then. Whoever does
  // not restore it saves it again: its age is kept.
  virtual void take_session(RecoveryRequest request, Reply<TakenSession> reply) = 0;

  // What `session` missed after the `offset` its client has. When the answer is given, its Worker has
  // delivered everything up to the last place that was looked at, and delivers everything behind it later.
  virtual void replay(const SavedSession& session, std::string_view offset, Reply<MissedEvents> reply) = 0;
};

}  // namespace banter::socketio
