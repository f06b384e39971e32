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
  explicit Slow(Options options, Function<void(Server&)> prepare = nullptr) : server(std::move(options)) {
    if (prepare) prepare(*server);
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

  TEST_CASE("of events with a key the last one arrives, behind what was emitted before it") {
    Slow slow({});
    slow.fill();
    const std::size_t buffered = slow.socket.buffered();
    for (int i = 0; i < 1'000; ++i)
      CHECK(slow.socket.latest("position").emit("at", std::string(10'000, 'x')) == SendResult::queued);
    CHECK(slow.socket.buffered() < buffered + 20'000);
    slow.socket.emit("kept");
    slow.socket.latest("other").emit("at", 1);
    slow.server->of("/").latest("position").emit("at", 2);
    slow.server->of("/").latest("other").emit("at", 3);
    std::vector<std::string> packets;
    while (packets.size() < 3) {
      const std::string packet = slow.client->read();
      if (!packet.starts_with(R"(2["block)")) packets.push_back(packet);
    }
    CHECK(packets == std::vector<std::string>{R"(2["kept"])", R"(2["at",2])", R"(2["at",3])"});
  }

  TEST_CASE("on_drain tells once that half of high_water is left: the namespace, then the socket") {
    std::vector<std::string> heard;
    Slow slow({.high_water = 1'000'000}, [&](Server& io) {
      io.of("/").on_drain([&](Socket socket) { heard.push_back("all " + socket.id()); });
    });
    slow.fill();
    std::size_t left = 0;
    slow.socket.on_drain([&] {
      left = slow.socket.buffered();
      heard.emplace_back("own");
    });
    while (slow.socket.emit("block", std::string(block_size, 'x')), slow.socket.buffered() < 2'000'000)
      slow.server.turn();
    CHECK(heard.empty());
    slow.socket.emit("last");
    while (slow.client->read() != R"(2["last"])") {
    }
    CHECK(heard == std::vector<std::string>{"all " + slow.socket.id(), "own"});
    CHECK(left <= 500'000);
  }

  TEST_CASE("on_drain also tells a client on long-polling, when a poll has fetched what waited") {
    TestServer server({.high_water = 10'000});
    Socket socket;
    int drains = 0;
    server->on("connection", [&](Socket joined) { socket = joined; });
    server->of("/").on_drain([&](Socket) { ++drains; });
    PollingClient client = server.poll();
    client.join();
    CHECK(socket.emit("block", std::string(20'000, 'x')) == SendResult::queued);
    server.turn();
    CHECK(drains == 0);
    CHECK(client.read().starts_with(R"(2["block)"));
    server.run_until([&] { return drains > 0; });
    CHECK(drains == 1);
  }

  TEST_CASE("while the budget is spent the client with the most left over ends, and the reason names it") {
    std::vector<Socket> sockets;
    std::vector<DisconnectReason> reasons;
    TestServer server({.high_water = 16'000'000, .max_queue = 16'000'000, .budget = 16'000'000});
    server->on("connection", [&](Socket joined) { sockets.push_back(joined); });
    server->on("disconnect", [&](Socket, DisconnectReason why) { reasons.push_back(why); });
    std::vector<SocketioClient> clients;
    for (int i = 0; i < 2; ++i) {
      clients.push_back(server.open({.receive_buffer = 4096}));
      clients.back().join();
    }
    server.run_until([&] { return sockets.size() == 2; });
    sockets[0].emit("block", std::string(11'000'000, 'x'));
    sockets[1].emit("block", std::string(15'000'000, 'x'));
    server.run_until([&] { return !reasons.empty(); });
    for (int i = 0; i < 20; ++i)
      server.turn();
    CHECK(reasons.size() == 1);
    CHECK(reasons[0].kind == Reason::slow_consumer);
    CHECK(reasons[0].detail.find("budget") != std::string::npos);
    CHECK(sockets[0].connected());
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
