#include <optional>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t block_size = 200'000;

// A client that takes only what the kernel keeps for it.
struct Slow {
  explicit Slow(Options options) : server(std::move(options)) {
    server->on("connection", [this](Socket joined) { socket = joined; });
    server->on("disconnect", [this](Socket, DisconnectReason why) { reason = why; });
    client.emplace(server.open({.receive_buffer = 4096}));
    client->join();
  }

  // Emits blocks until something is left over, and a turn has shown it.
  void fill() {
    server.turn();
    while (socket.buffered() == 0) {
      REQUIRE(socket.emit("block", std::string(block_size, 'x')) != SendResult::dropped);
      server.turn();
    }
  }

  Socket socket;
  std::optional<DisconnectReason> reason;
  TestServer server;  // behind what its handlers use
  std::optional<SocketioClient> client;
};

}  // namespace

TEST_SUITE("back-pressure") {
  TEST_CASE(
      "a client that does not read makes emits answer queued, then dropped, and ends as slow consumer") {
    Slow slow({.max_payload = 100'000, .high_water = 300'000, .max_queue = 1'000'000});
    slow.fill();
    SendResult result = slow.socket.emit("block", std::string(block_size, 'x'));
    CHECK(result == SendResult::queued);
    std::size_t taken = 1;
    while (result != SendResult::dropped && taken < 20) {
      result = slow.socket.emit("block", std::string(block_size, 'x'));
      ++taken;
    }
    CHECK(result == SendResult::dropped);
    CHECK(slow.socket.buffered() <= 1'000'000);
    CHECK_FALSE(slow.reason);  // never inside the call that was dropped
    bool is_called = false;
    CHECK(slow.socket.emit("ask", [&](std::error_code) { is_called = true; }) != SendResult::sent);
    slow.server.run_until([&] { return slow.reason.has_value(); });
    CHECK_FALSE(is_called);
    CHECK(slow.reason->text() == "slow consumer");
    CHECK_FALSE(slow.reason->detail.empty());
    CHECK(slow.reason->by == EndedBy::server);
    CHECK(slow.reason->queued > 300'000);
    CHECK(slow.socket.emit("gone") == SendResult::closed);
  }

  TEST_CASE("a volatile event is dropped while something is left over, and the client stays") {
    Slow slow({});
    CHECK(slow.socket.volatile_().emit("first") == SendResult::sent);
    slow.fill();
    bool is_called = false;
    CHECK(slow.socket.volatile_().emit("lost", [&](std::error_code) { is_called = true; }) ==
          SendResult::dropped);
    slow.server->volatile_().emit("lost");
    CHECK(slow.socket.emit("kept") == SendResult::queued);
    std::string packet = slow.client->read();
    CHECK(packet == R"(2["first"])");
    while (packet.starts_with(R"(2["first)") || packet.starts_with(R"(2["block)"))
      packet = slow.client->read();
    CHECK(packet == R"(2["kept"])");
    CHECK_FALSE(is_called);
    CHECK(slow.socket.connected());
    slow.server.run_until([&] { return slow.socket.buffered() == 0; });
    CHECK(slow.socket.volatile_().emit("again") == SendResult::sent);
    CHECK(slow.client->read() == R"(2["again"])");
  }

  TEST_CASE("above high_water, a client that takes nothing for stall_timeout ends as slow consumer") {
    Slow slow({.high_water = 100'000, .stall_timeout = 40ms});
    slow.fill();
    for (int i = 0; i < 3; ++i)
      slow.socket.emit("block", std::string(block_size, 'x'));
    slow.server.run_until([&] { return slow.reason.has_value(); });
    CHECK(slow.reason->kind == Reason::slow_consumer);
  }

  TEST_CASE("a snapshot that is longer than high_water reaches a client that reads") {
    TestServer server({.high_water = 10'000});
    const std::string snapshot(3'000'000, 's');
    server->on("connection",
               [&](Socket socket) { CHECK(socket.emit("all", snapshot) == SendResult::queued); });
    SocketioClient client = server.join();
    CHECK(client.read() == R"(2["all",")" + snapshot + "\"]");
  }
}

}  // namespace banter::test
