#include "socketio/live_sessions.h"

#include <utility>

#include "socketio/client.h"
#include "socketio/hub.h"

namespace banter::socketio {

namespace {

void end_connection(Hub& hub, detail::Slot slot) {
  Socket* socket = hub.find(slot);
  if (!socket) return;  // it is being saved
  socket->client().close({.kind = Reason::transport_close,
                          .detail = "the client is back on another connection",
                          .layer = Layer::socketio});
}

}  // namespace

void LiveSessions::add(std::string_view pid, const detail::SocketRef& socket, Hub& hub) {
  const std::lock_guard lock(mutex_);
  live_.insert_or_assign(std::string(pid), Live{socket.port, socket.slot, socket.nsp, &hub, {}});
}

void LiveSessions::remove(std::string_view pid) {
  std::vector<Reply<std::monostate>> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(pid);
    if (found == live_.end()) return;
    waiting = std::move(found->second.waiting);
    live_.erase(found);
  }
  for (Reply<std::monostate>& reply : waiting)
    reply.to->post([done = std::move(reply.done)]() mutable { done({}); });
}

bool LiveSessions::end(std::string_view pid, std::uint32_t nsp, Reply<std::monostate> ended) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(pid);
  if (found == live_.end() || found->second.nsp != nsp) return false;
  Live& live = found->second;
  if (!live.port->post([hub = live.hub, slot = live.slot] { end_connection(*hub, slot); })) return false;
  live.waiting.push_back(std::move(ended));  // not too late: remove() would need the lock
  return true;
}

std::size_t LiveSessions::size() const {
  const std::lock_guard lock(mutex_);
  return live_.size();
}

}  // namespace banter::socketio
