// A Server with its own loop, run on a thread of its own.
#pragma once

#include <poll.h>

#include <future>
#include <thread>
#include <utility>

#include "banter/banter.h"
#include "tests/support/socketio_client.h"

namespace banter::test {

// Waits until the Worker has done what was posted before, or is gone.
inline void settle(Server& io) {
  std::promise<void> done;
  const std::future<void> is_done = done.get_future();
  io.run_on(0, [done = std::move(done)]() mutable { done.set_value(); });
  is_done.wait();
}

class RunningServer {
 public:
  explicit RunningServer(Server& io)
      : io_(io), port_(io.listen(0, "127.0.0.1").port), thread_([&io] { io.run(); }) {}
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() {
    io_.close();
    wait();
  }

  // Until run() has returned.
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

  // What a client does between two looks: leaves the processor to the server.
  static Function<void()> waiter() {
    return [] { poll(nullptr, 0, 1); };
  }

  SocketioClient open(const Opening& opening = {}) { return SocketioClient(port_, waiter(), opening); }
  SocketioClient join() {
    SocketioClient client = open();
    client.join();
    return client;
  }

 private:
  Server& io_;
  int port_;
  std::thread thread_;
};

}  // namespace banter::test
