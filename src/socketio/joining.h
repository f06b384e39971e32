// What a socket needs only while its namespace is being joined.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "banter/bytes.h"
#include "banter/handle.h"
#include "banter/next.h"
#include "loop/ledger.h"
#include "loop/timer_wheel.h"
#include "socketio/client.h"
#include "socketio/hub.h"
#include "socketio/socket.h"

// One middleware's decision, shared by the copies of its Next.
struct banter::detail::PendingDecision {
  PendingDecision(const SocketRef& for_socket, std::size_t its_step) : socket(for_socket), step(its_step) {}
  PendingDecision(const PendingDecision&) = delete;
  PendingDecision& operator=(const PendingDecision&) = delete;
  ~PendingDecision();  // refuses, if nothing was decided

  SocketRef socket;
  std::size_t step;
  std::atomic<bool> is_decided{false};
};

namespace banter::socketio {

struct Socket::Joining {
  explicit Joining(Socket& socket)
      : kept(socket.hub().loop().ledger(), socket.client(), loop::Kept::Calls<&Client::end_for_budget>{}),
        deadline(socket, loop::Deadline::Calls<&Socket::on_middleware_timeout>{}) {}

  struct Held {
    std::string text;
    std::vector<Bytes> attachments;
  };

  std::size_t step = 0;
  bool is_running = false;  // a middleware is being called, which may decide at once
  bool is_decided = false;
  bool is_accepted = false;
  std::string message;
  json data;
  std::vector<std::string> rooms;  // joined by a middleware, for when the socket is accepted
  std::vector<Held> held;
  loop::Kept kept;  // the bytes of what is held
  loop::Deadline deadline;
};

}  // namespace banter::socketio
