// Where a server without other processes keeps what connection state recovery needs.
#pragma once

#include "banter/options.h"
#include "loop/timer_wheel.h"
#include "socketio/live_sessions.h"
#include "socketio/memory_event_log.h"
#include "socketio/recovery.h"

namespace banter::loop {
class Loop;
}

namespace banter::server {

// Outlives the Workers.
class RecoveryHome {
 public:
  // For options with `recovery`; the budget outlives it. Throws std::runtime_error if there are no random
  // bytes.
  RecoveryHome(const Options& options, base::Budget& budget);
  RecoveryHome(const RecoveryHome&) = delete;
  RecoveryHome& operator=(const RecoveryHome&) = delete;

  [[nodiscard]] const socketio::Recovery& shared() const noexcept { return shared_; }

  // What is too old is dropped from now on, on the thread of that loop, for as long as it lasts.
  void start(loop::Loop& loop);

 private:
  void sweep();

  loop::Milliseconds period_;
  socketio::MemoryEventLog log_;
  socketio::LiveSessions live_;
  socketio::Recovery shared_;
  loop::Loop* loop_ = nullptr;
  loop::Deadline sweep_{*this, loop::Deadline::Calls<&RecoveryHome::sweep>{}};
};

}  // namespace banter::server
