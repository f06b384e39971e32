#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// A session's handle, and how often and why it was told to have ended.
struct Bare {
  EngineEndpoint make() {
    return {.on_open = [this](EngineSocket opened) { socket = opened; },
            .on_message = {},
            .on_close =
                [this](EngineSocket closed, DisconnectReason reason) {
                  CHECK(closed == socket);
                  reasons.push_back(reason.kind);
                }};
  }

  EngineSocket socket;
  std::vector<Reason> reasons;
};

}  // namespace

TEST_SUITE("the end of a bare Engine.IO session") {
  TEST_CASE("is told once, with its reason, on long-polling") {
    Bare bare;
    TestServer server({.close_timeout = 0ms});
    server->engine("/bare", bare.make());
    PollingClient client = server.poll({.path = "/bare"});
    Reason reason{};
    SUBCASE("the client closes") {
      CHECK(client.post("1").body == "ok");
      reason = Reason::transport_close;
    }
    SUBCASE("a held poll is lost") {
      client.hold();
      server.settle();
      client.polls().raw().close();
      reason = Reason::transport_error;
    }
    SUBCASE("a bad packet") {
      CHECK(client.post("x").status == 400);
      reason = Reason::parse_error;
    }
    SUBCASE("the application closes") {
      bare.socket.close();
      reason = Reason::forced_close;
    }
    SUBCASE("the server closes") {
      server->close();
      reason = Reason::server_shutting_down;
    }
    server.run_until([&] { return !bare.reasons.empty(); });
    CHECK(bare.socket.send("late") == SendResult::closed);
    CHECK(bare.socket.transport().empty());
    CHECK(bare.socket.buffered() == 0);
    bare.socket.close();
    server.close();
    CHECK(bare.reasons == std::vector{reason});
  }

  TEST_CASE("of a client that answers no ping is a ping timeout") {
    Bare bare;
    TestServer server({.ping_interval = 1ms, .ping_timeout = 1ms});
    server->engine("/bare", bare.make());
    const PollingClient client = server.poll({.path = "/bare"});
    server.run_until([&] { return !bare.reasons.empty(); });
    CHECK(bare.reasons == std::vector{Reason::ping_timeout});
  }

  TEST_CASE("is told once, with its reason, on WebSocket") {
    Bare bare;
    TestServer server({.close_timeout = 0ms});
    server->engine("/bare", bare.make());
    WebSocketClient client = server.websocket("/bare?EIO=4&transport=websocket");
    CHECK(client.read_message().starts_with("0{"));
    Reason reason{};
    SUBCASE("the client sends a close packet") {
      client.send_text("1");
      reason = Reason::transport_close;
    }
    SUBCASE("the client closes") {
      client.send_close();
      reason = Reason::transport_close;
    }
    SUBCASE("a bad packet") {
      client.send_text("x");
      reason = Reason::parse_error;
    }
    SUBCASE("the application closes, behind what is queued") {
      bare.socket.send("last");
      bare.socket.close();
      CHECK(client.read_message() == "4last");
      CHECK(client.read_frame().opcode == 0x8);
      reason = Reason::forced_close;
    }
    SUBCASE("the server closes") {
      server->close();
      reason = Reason::server_shutting_down;
    }
    server.run_until([&] { return !bare.reasons.empty(); });
    CHECK(bare.socket.send("late") == SendResult::closed);
    server.close();
    CHECK(bare.reasons == std::vector{reason});
  }

  TEST_CASE("that the application wants is fetched with the next poll, behind what is queued") {
    Bare bare;
    TestServer server;
    server->engine("/bare", bare.make());
    PollingClient client = server.poll({.path = "/bare"});
    SUBCASE("a poll is held") {
      client.hold();
      server.settle();
      bare.socket.close();
      CHECK(client.held().body == "1");
    }
    SUBCASE("no poll is held") {
      bare.socket.close();
      server.settle();
      CHECK(client.poll().body ==
            "6\x1e"
            "1");
    }
    SUBCASE("something waits") {
      bare.socket.send("last");
      bare.socket.close();
      server.settle();
      CHECK(bare.socket.send("late") == SendResult::closed);
      CHECK(client.poll().body ==
            "4last\x1e"
            "1");
    }
    CHECK(client.poll().body == R"({"code":1,"message":"Session ID unknown"})");
    CHECK(bare.reasons == std::vector{Reason::forced_close});
  }

  TEST_CASE("leaves handles that do nothing, also when the server is gone") {
    Bare bare;
    {
      TestServer server({.close_timeout = 0ms});
      server->engine("/bare", bare.make());
      const PollingClient client = server.poll({.path = "/bare"});
    }
    CHECK(bare.reasons == std::vector{Reason::server_shutting_down});
    std::thread([&] {
      CHECK(bare.socket.send("late") == SendResult::closed);
      bare.socket.close();
    }).join();
    CHECK(bare.socket.transport().empty());
    CHECK(EngineSocket().send("nobody") == SendResult::closed);
    CHECK(EngineSocket().transport().empty());
    EngineSocket().close();
  }
}

}  // namespace banter::test
