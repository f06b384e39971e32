// What one socket has beyond its namespace, and most sockets have not: handlers, catch-alls, middlewares and
// timers of its own, and the event that a middleware has yet to decide about.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "banter/function.h"
#include "banter/handler_id.h"
#include "socketio/held_packets.h"
#include "socketio/listeners.h"
#include "socketio/socket.h"
#include "socketio/timers.h"

namespace banter::socketio {

// The way of events through the middlewares, one at a time.
//
//   idle --(a middleware keeps its Next)--> waiting --(accepted by the last one, or refused)--> idle
//
// What comes while it waits is held, and follows in order.
struct Socket::EventGate {
  explicit EventGate(Socket& socket)
      : held(socket.client()), deadline(socket, loop::Deadline::Calls<&Socket::on_event_timeout>{}) {}

  // The event that waits. Its size is that of a packet, and counts for the budget alone.
  void keep(HeldPackets::Packet packet) {
    event = std::move(packet);
    held.keep_besides(event.size());
  }
  [[nodiscard]] HeldPackets::Packet take() {
    held.keep_besides(0);
    return std::exchange(event, {});
  }

  bool is_waiting = false;
  bool goes_on = false;       // the event that is being delivered was here before, and continues at `step`
  bool is_replaying = false;  // the event that is being delivered came from here
  bool is_running = false;    // a middleware is being called, which may decide at once
  bool is_decided = false;
  bool is_accepted = false;
  std::size_t step = 0;    // the middleware whose decision is awaited
  std::uint64_t call = 0;  // of all calls of middlewares; an old one's decision is ignored
  std::string message;
  HeldPackets::Packet event;  // that waits
  HeldPackets held;           // what came after it
  loop::Deadline deadline;
};

struct Socket::OwnState {
  [[nodiscard]] HandlerId make_id() noexcept { return static_cast<HandlerId>(++last_id); }

  std::uint64_t last_id = 0;
  Listeners<detail::Handler> handlers;
  Listeners<CatchAll> any;
  Listeners<CatchAll> any_outgoing;
  Listeners<Function<void()>> upgrade;
  Listeners<Function<void()>> drain;
  std::vector<std::unique_ptr<EventMiddleware>> middlewares;  // a running one may add others
  std::unique_ptr<EventGate> gate;
  std::unique_ptr<Timers> timers;
};

}  // namespace banter::socketio
