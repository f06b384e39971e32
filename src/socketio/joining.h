// What a socket needs only while its namespace is being joined.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "banter/handle.h"
#include "banter/next.h"
#include "loop/ledger.h"
#include "loop/timer_wheel.h"
#include "socketio/client.h"
#include "socketio/held_packets.h"
#include "socketio/hub.h"
#include "socketio/socket.h"

// One middleware's decision, shared by the copies of its Next.
struct banter::detail::PendingDecision {
  enum class About : std::uint8_t { joining, event };

  PendingDecision(const SocketRef& for_socket, std::uint64_t its_step, About its_subject = About::joining)
      : socket(for_socket), step(its_step), about(its_subject) {}
  PendingDecision(const PendingDecision&) = delete;
  PendingDecision& operator=(const PendingDecision&) = delete;
  ~PendingDecision();  // refuses, if nothing was decided

  SocketRef socket;
  std::uint64_t step;  // which middleware of a joining, or which call of one of an event's
  About about;
  std::atomic<bool> is_decided{false};
};

namespace banter::socketio {

struct Socket::Joining {
  explicit Joining(Socket& socket)
      : held(socket.client()), deadline(socket, loop::Deadline::Calls<&Socket::on_middleware_timeout>{}) {}

  std::size_t step = 0;
  bool is_running = false;  // a middleware is being called, which may decide at once
  bool is_decided = false;
  bool is_accepted = false;
  std::string message;
  json data;
  std::vector<std::string> rooms;  // joined by a middleware, for when the socket is accepted
  HeldPackets held;
  loop::Deadline deadline;
};

}  // namespace banter::socketio
