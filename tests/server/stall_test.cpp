#include <chrono>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

void block(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}

std::size_t stalls_in(const TestServer& server) {
  std::size_t count = 0;
  for (const Heard& heard : server.problems)
    count += heard.where == Problem::Where::loop ? 1 : 0;
  return count;
}

// Pings at once, and blocks the loop in the handler of "block" for longer than clients have for their pong.
struct Stalling {
  explicit Stalling(std::chrono::milliseconds threshold = 50ms)
      : server({.ping_interval = 10ms, .ping_timeout = 300ms, .stall_threshold = threshold}) {
    server->on("block", [this](Socket) {
      if (while_blocked) while_blocked();
      block(450ms);
    });
    server->on("disconnect", [this](Socket, DisconnectReason reason) { reasons.push_back(reason.kind); });
  }

  Function<void()> while_blocked;
  std::vector<Reason> reasons;
  TestServer server;
};

}  // namespace

TEST_SUITE("a loop that stands still") {
  TEST_CASE("is reported, with how long it was") {
    Stalling stalling;
    SocketioClient client = stalling.server.join();
    client.emit(R"(["block"])");
    stalling.server.run_until([&] { return stalls_in(stalling.server) > 0; });
    CHECK(stalling.server.problems[0].text.find(" ms: a handler blocks") != std::string::npos);
  }

  TEST_CASE("is not reported below the threshold") {
    Stalling stalling(1h);
    SocketioClient client = stalling.server.join();
    client.emit(R"(["block"])");
    stalling.server.run_until([&] { return !stalling.reasons.empty(); });
    CHECK(stalls_in(stalling.server) == 0);
  }

  TEST_CASE("does not cost a client its connection whose pong came meanwhile") {
    Stalling stalling;
    SUBCASE("on WebSocket") {
      SocketioClient client = stalling.server.join();
      CHECK(client.socket().read_message() == "2");
      stalling.while_blocked = [&] { client.socket().send_text("3"); };
      client.emit(R"(["block"])");
      stalling.server.run_until([&] { return stalls_in(stalling.server) > 0; });
      CHECK(client.socket().read_message() == "2");  // it goes on
    }
    SUBCASE("on long-polling") {
      PollingClient client = stalling.server.poll();
      client.join();
      CHECK(client.poll().body == "2");
      stalling.while_blocked = [&] { client.polls().send({"POST " + client.target(), {}, "3"}); };
      client.emit(R"(["block"])");
      stalling.server.run_until([&] { return stalls_in(stalling.server) > 0; });
      CHECK(client.held().body == "ok");
      CHECK(client.poll().body == "2");
    }
    CHECK(stalling.reasons.empty());
  }

  TEST_CASE("does not save a client that never answers") {
    Stalling stalling;
    SocketioClient client = stalling.server.join();
    CHECK(client.socket().read_message() == "2");
    client.emit(R"(["block"])");
    stalling.server.run_until([&] { return !stalling.reasons.empty(); });
    CHECK(stalls_in(stalling.server) > 0);
    CHECK(stalling.reasons == std::vector{Reason::ping_timeout});
  }
}

}  // namespace banter::test
