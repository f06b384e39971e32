// Which clients with a pid are connected right now, on which Worker: a client that comes back before its loss
// was noticed takes over from its own old connection.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "banter/handle.h"
#include "base/string_map.h"
#include "socketio/event_log.h"

namespace banter::socketio {

class Hub;

// One for all Workers; any thread.
class LiveSessions {
 public:
  // From now on `socket`, of `hub`, has this pid.
  void add(std::string_view pid, const detail::SocketRef& socket, Hub& hub);

  // It is over; what it leaves can be taken from the log. Whoever waits for that is told.
  void remove(std::string_view pid);

  // If a socket of that namespace has this pid: ends its connection, and `ended` runs once it was removed.
  // Else answers false, and `ended` is destroyed.
  bool end(std::string_view pid, std::uint32_t nsp, Reply<std::monostate> ended);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Live {
    detail::PortRef port;
    detail::Slot slot;
    std::uint32_t nsp;
    Hub* hub;  // used on its own thread only
    std::vector<Reply<std::monostate>> waiting;
  };

  mutable std::mutex mutex_;  // guards live_
  base::StringMap<Live> live_;
};

}  // namespace banter::socketio
