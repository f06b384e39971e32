// A Server on a loop that the test turns itself: handlers, clients and checks are on one thread. Handlers
// still run in its destructor: what they use is declared in front of it.
#pragma once

#include <doctest/doctest.h>
#include <uv.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "banter/banter.h"
#include "tests/support/http_client.h"
#include "tests/support/polling_client.h"
#include "tests/support/socketio_client.h"

namespace banter::test {

// What on_error has heard.
struct Heard {
  Problem::Where where;
  std::string nsp;
  std::string event;
  std::size_t position;
  std::string text;
};

class TestServer {
 public:
  explicit TestServer(Options options = {}) {
    REQUIRE(uv_loop_init(&uv_) == 0);
    io_.emplace(&uv_, std::move(options));
    io_->on_error([this](const Problem& problem) {
      problems.push_back({problem.where, std::string(problem.nsp), std::string(problem.event),
                          problem.position, problem.text});
    });
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Not one handle may be left, whatever the test has done.
  ~TestServer() {
    close();
    io_.reset();
    uv_run(&uv_, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv_) == 0);
  }

  Server& operator*() { return *io_; }
  Server* operator->() { return &*io_; }

  // Listens at the first call.
  int port() {
    if (port_ == 0) port_ = io_->listen(0, "127.0.0.1").port;
    return port_;
  }

  Function<void()> turner() {
    return [this] { turn(); };
  }
  void turn() { uv_run(&uv_, UV_RUN_NOWAIT); }

  // Fails if `condition` has not come true within a time that no working test needs.
  template <class Condition>
  void run_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < give_up);
      turn();
    }
  }

  // Runs everything that is under way and needs no client.
  void settle() {
    bool is_done = false;
    io_->run_on(0, [&] { is_done = true; });
    run_until([&] { return is_done; });
    turn();
  }

  SocketioClient open(const Opening& opening = {}) { return SocketioClient(port(), turner(), opening); }
  SocketioClient join(std::string_view nsp = "/", std::string_view auth = {}) {
    SocketioClient client = open();
    client.join(nsp, auth);
    return client;
  }
  WebSocketClient websocket(const std::string& target, const std::string& headers = {}) {
    return WebSocketClient(port(), turner(), {.target = target, .headers = headers});
  }

  // One request on a connection of its own.
  HttpAnswer ask(const HttpRequest& request) { return HttpClient(port(), turner()).ask(request); }
  HttpClient http_client() { return HttpClient(port(), turner()); }

  // A session on long-polling.
  PollingClient poll(PollingOpening opening = {}) {
    return PollingClient(
        port(), [this] { turn(); }, std::move(opening));
  }

  void close() {
    bool is_done = false;
    bool is_known = false;
    io_->close([&] { is_done = true; });
    // A server that is closed already does not call back, but leaves nothing to do either.
    while (!is_done && !is_known)
      is_known = uv_run(&uv_, UV_RUN_NOWAIT) == 0;
  }

  uv_loop_t* loop() { return &uv_; }

  std::vector<Heard> problems;

 private:
  uv_loop_t uv_{};
  std::optional<Server> io_;
  int port_ = 0;
};

}  // namespace banter::test
