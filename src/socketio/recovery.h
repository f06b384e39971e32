// Connection state recovery, as the sockets of all Workers share it.
//
//   CONNECT with pid and offset --> (an old connection of that pid is ended) --> session taken
//       --> middlewares --> missed events --> rooms, missed events, CONNECT
//            \--(refused: the session is gone; the client is lost: it is saved again)
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "banter/reason.h"
#include "banter/recovery.h"
#include "socketio/event_log.h"
#include "socketio/live_sessions.h"

namespace banter::socketio {

struct Recovery {
  EventLog& log;
  LiveSessions& live;

  // Who is restored was accepted before, and is not asked about again.
  bool skips_middlewares = false;

  // Bytes of missed events that one client is sent.
  std::size_t max_replay = 0;
};

// What a socket needs for it. Absent where recovery is off, and for clients that cannot be restored.
struct RecoveryState {
  RecoveryFailure failure = RecoveryFailure::not_asked;
  std::string pid;        // private: only the client itself is told
  std::string joined_at;  // as in SavedSession
  std::string last_sent;

  // While it is being restored.
  std::string asked_offset;
  std::unique_ptr<SavedSession> session;
};

// Whether a client that is lost for this reason may want to be restored; others meant to leave.
[[nodiscard]] bool leaves_session(Reason reason) noexcept;

// What a CONNECT's `auth`, JSON or empty, asks for. `request` is filled in if the answer is `none`.
[[nodiscard]] RecoveryFailure read_recovery_request(std::string_view auth, RecoveryRequest& request);

}  // namespace banter::socketio
