// A listener that makes a Connection of what it accepts, a handler that writes down what it hears, and raw
// clients.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/listener.h"
#include "tests/support/hex.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_loop.h"
#include "tests/support/websocket_frames.h"
#include "tests/websocket/read_all.h"
#include "websocket/connection.h"

namespace banter::test {

class ConnectionFixture : public loop::AcceptHandler, public websocket::ConnectionHandler {
 public:
  ConnectionFixture() { listener_.emplace(loop.get(), *this, stream_settings, "127.0.0.1", 0); }
  virtual ~ConnectionFixture() = default;

  // A client whose connection is open at the server. The last one accepted is `connection`.
  RawClient connect(int receive_buffer = 0) {
    is_accepted_ = false;
    RawClient client(
        listener_->bound().port, [this] { loop.turn(); }, receive_buffer);
    REQUIRE(loop.run_until([this] { return is_accepted_; }));
    return client;
  }

  // Turns the loop until the handler was told of the end.
  const websocket::CloseInfo& end() {
    REQUIRE(loop.run_until([this] { return !ends.empty(); }));
    return ends.front();
  }

  [[nodiscard]] bool wait_for_events(std::size_t count) {
    return loop.run_until([this, count] { return events.size() >= count; });
  }

  void turn(int times) {
    for (int i = 0; i < times; ++i)
      loop.turn();
  }

  TestLoop loop;
  loop::Settings stream_settings;
  websocket::Settings settings{.linger = loop::Milliseconds{200}};
  websocket::Counters counters;
  websocket::DeflateSettings deflate_settings;
  websocket::Compressors compressors{deflate_settings};

  std::optional<websocket::DeflateAgreement> agreement;  // of the next connection
  std::string behind_head;                               // what the next connection is started with
  std::unique_ptr<websocket::Connection> connection;
  std::vector<Event> events;
  std::vector<websocket::CloseInfo> ends;
  int drains = 0;

  // Run inside the handler's calls, after they are noted.
  Function<void(MessageKind, std::span<char>)> in_message;
  Function<void()> in_close;
  Function<void()> after_start;

 private:
  void on_accept(loop::StreamPtr stream) override {
    auto deflate =
        agreement ? std::make_unique<websocket::PermessageDeflate>(*agreement, compressors) : nullptr;
    connection = std::make_unique<websocket::Connection>(std::move(stream), settings, *this, counters,
                                                         std::move(deflate));
    is_accepted_ = true;
    connection->start(behind_head);
    if (after_start) after_start();
  }
  void on_message(MessageKind kind, std::span<char> payload) override {
    const std::string bytes(payload.begin(), payload.end());
    events.push_back(kind == MessageKind::text ? text(bytes) : binary(bytes));
    if (in_message) in_message(kind, payload);
  }
  void on_pong(std::string_view payload) override { events.push_back(pong(std::string(payload))); }
  void on_close(const websocket::CloseInfo& info) override {
    ends.push_back(info);
    if (in_close) in_close();
  }
  void on_drain() override { ++drains; }

  bool is_accepted_ = false;
  std::optional<loop::Listener> listener_;
};

}  // namespace banter::test
