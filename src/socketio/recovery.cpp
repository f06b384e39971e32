#include "socketio/recovery.h"

#include "banter/raw_argument.h"

namespace banter::socketio {

namespace {

constexpr std::size_t max_text = 128;  // of JSON; nobody was given a longer pid or offset

}  // namespace

bool leaves_session(Reason reason) noexcept {
  switch (reason) {
    case Reason::transport_close:
    case Reason::transport_error:
    case Reason::ping_timeout:
    case Reason::slow_consumer:
    case Reason::forced_close:
    case Reason::forced_server_close:
    case Reason::server_shutting_down: return true;
    case Reason::parse_error:
    case Reason::client_namespace_disconnect:
    case Reason::server_namespace_disconnect: return false;
  }
  return false;
}

RecoveryFailure read_recovery_request(std::string_view auth, RecoveryRequest& request) {
  std::string_view pid;
  std::string_view offset;
  detail::Members members(auth);
  for (std::string_view key, value; members.next(key, value);) {
    if (key == "\"pid\"") pid = value;
    if (key == "\"offset\"") offset = value;
  }
  if (pid.empty() || detail::is_null(pid)) return RecoveryFailure::not_asked;
  if (offset.empty() || detail::is_null(offset)) return RecoveryFailure::no_offset;
  // Escapes take room, so this is an upper limit for what is not hopeless.
  if (pid.size() > max_text || offset.size() > max_text) return RecoveryFailure::bad_request;
  const bool are_texts =
      detail::decode_string(pid, request.pid) && detail::decode_string(offset, request.offset);
  return are_texts ? RecoveryFailure::none : RecoveryFailure::bad_request;
}

}  // namespace banter::socketio
