#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

// An endpoint that keeps its client's handle and what it hears.
struct Bare {
  EngineEndpoint make() {
    return {.on_open = [this](EngineSocket opened) { socket = opened; },
            .on_message =
                [this](EngineSocket from, BytesView bytes, MessageKind kind) {
                  CHECK(from == socket);
                  messages.push_back((kind == MessageKind::text ? "text " : "binary ") +
                                     std::string(as_text(bytes)));
                },
            .on_close = [this](EngineSocket, DisconnectReason reason) { reasons.push_back(reason); }};
  }

  EngineSocket socket;
  std::vector<std::string> messages;
  std::vector<DisconnectReason> reasons;
};

const std::string websocket_target = "/bare?EIO=4&transport=websocket";

// A session that begins as WebSocket; its open packet is read.
WebSocketClient open_websocket(TestServer& server) {
  WebSocketClient client = server.websocket(websocket_target);
  CHECK(client.read_message().starts_with(R"(0{"sid":")"));
  return client;
}

WebSocketClient upgrade(TestServer& server, PollingClient& from) {
  WebSocketClient client = server.websocket(from.upgrade_target());
  client.send_text("2probe");
  CHECK(client.read_message() == "3probe");
  client.send_text("5");
  server.settle();
  return client;
}

}  // namespace

TEST_SUITE("a bare Engine.IO endpoint") {
  TEST_CASE("carries messages both ways on long-polling") {
    Bare bare;
    TestServer server;
    server->engine("/bare", bare.make());
    PollingClient client = server.poll({.path = "/bare", .query = "&token=1"});
    CHECK(bare.socket.transport() == "polling");
    CHECK(bare.socket.handshake().query("token") == "1");
    CHECK(client
              .post("4hello\x1e"
                    "bAQI=\x1e"
                    "4")
              .body == "ok");
    CHECK(bare.messages == std::vector<std::string>{"text hello", "binary \x01\x02", "text "});
    CHECK(bare.socket.send("text") == SendResult::queued);
    CHECK(bare.socket.send(Bytes(std::string_view("\x01\x02"))) == SendResult::queued);
    CHECK(bare.socket.buffered() > 0);
    CHECK(client.poll().body ==
          "4text\x1e"
          "bAQI=");
    CHECK(bare.socket.buffered() == 0);
  }

  TEST_CASE("carries messages both ways on WebSocket") {
    Bare bare;
    TestServer server;
    server->engine("/bare", bare.make());
    WebSocketClient client = open_websocket(server);
    CHECK(bare.socket.transport() == "websocket");
    client.send_text("4hello");
    client.send_binary("\x01\x02");
    server.run_until([&] { return bare.messages.size() == 2; });
    CHECK(bare.messages == std::vector<std::string>{"text hello", "binary \x01\x02"});
    CHECK(bare.socket.send("text") == SendResult::sent);
    CHECK(bare.socket.send(as_bytes("\x01\x02"), MessageKind::binary) == SendResult::sent);
    CHECK(bare.socket.send(as_bytes("again"), MessageKind::text) == SendResult::sent);
    CHECK(client.read_message() == "4text");
    CHECK(client.read_message() == "\x01\x02");
    CHECK(client.read_message() == "4again");
  }

  TEST_CASE("a handle stays the same across the upgrade, and nothing is lost or out of order") {
    Bare bare;
    TestServer server;
    server->engine("/bare", bare.make());
    PollingClient client = server.poll({.path = "/bare"});
    const EngineSocket before = bare.socket;
    client.post("4one");
    bare.socket.send("a");
    WebSocketClient upgraded = upgrade(server, client);
    CHECK(before.transport() == "websocket");
    before.send("b");
    CHECK(upgraded.read_message() == "4a");
    CHECK(upgraded.read_message() == "4b");
    upgraded.send_text("4two");
    server.run_until([&] { return bare.messages.size() == 2; });
    CHECK(bare.messages == std::vector<std::string>{"text one", "text two"});
    CHECK(bare.socket == before);
    CHECK(bare.reasons.empty());
  }

  TEST_CASE("sends what no packet can hold in another form") {
    Bare bare;
    TestServer server;
    server->engine("/bare", bare.make());
    PollingClient polling = server.poll({.path = "/bare"});
    bare.socket.send(
        "a\x1e"
        "b");
    bare.socket.send("bad \xff");
    CHECK(polling.poll().body ==
          "4a b\x1e"
          "4bad \xEF\xBF\xBD");
    WebSocketClient websocket = open_websocket(server);
    bare.socket.send(
        "a\x1e"
        "b");
    bare.socket.send("bad \xff");
    CHECK(websocket.read_message() ==
          "4a\x1e"
          "b");
    CHECK(websocket.read_message() == "4bad \xEF\xBF\xBD");
  }

  TEST_CASE("is sent to from any thread, in the order of its calls; the rest belongs to the Worker") {
    Bare bare;
    TestServer server;
    server->engine("/bare", bare.make());
    PollingClient client = server.poll({.path = "/bare"});
    client.hold();
    server.settle();
    std::thread([&] {
      CHECK(bare.socket.send("a") == SendResult::posted);
      CHECK(bare.socket.send("bad \xff") == SendResult::posted);
      CHECK(bare.socket.send(as_bytes("\x01\x02")) == SendResult::posted);
      CHECK_THROWS_AS(static_cast<void>(bare.socket.transport()), std::logic_error);
      CHECK_THROWS_AS(static_cast<void>(bare.socket.buffered()), std::logic_error);
      CHECK_THROWS_AS(static_cast<void>(bare.socket.handshake()), std::logic_error);
      bare.socket.close();
    }).join();
    CHECK(client.held().body ==
          "4a\x1e"
          "4bad \xEF\xBF\xBD\x1e"
          "bAQI=\x1e"
          "1");
    REQUIRE(bare.reasons.size() == 1);
    CHECK(bare.reasons[0].kind == Reason::forced_close);
  }

  TEST_CASE("handlers may be left out") {
    TestServer server;
    server->engine("/bare", {});
    PollingClient client = server.poll({.path = "/bare"});
    CHECK(client
              .post("4hello\x1e"
                    "bAQI=")
              .body == "ok");
    CHECK(client.post("1").body == "ok");
    CHECK(client.poll().body == R"({"code":1,"message":"Session ID unknown"})");
  }

  TEST_CASE("whose handler throws closes that session, and the problem names the handler") {
    struct Case {
      std::string handler;
      EngineEndpoint endpoint;
    };
    const auto fail = [](const auto&...) { throw std::runtime_error("no luck"); };
    Case cases[] = {{"open", {.on_open = fail}}, {"message", {.on_message = fail}}};
    for (Case& one : cases) {
      CAPTURE(one.handler);
      TestServer server;
      server->engine("/bare", std::move(one.endpoint));
      WebSocketClient client = open_websocket(server);
      client.send_text("4x");
      CHECK(client.read_frame().opcode == 0x8);
      REQUIRE(server.problems.size() == 1);
      CHECK(server.problems[0].where == Problem::Where::http);
      CHECK(server.problems[0].event == one.handler);
      CHECK(server.problems[0].text == "no luck");
    }
    TestServer server;
    server->engine("/bare", {.on_close = fail});
    PollingClient client = server.poll({.path = "/bare"});
    CHECK(client.post("1").body == "ok");
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].event == "close");
  }
}

TEST_SUITE("engine()") {
  TEST_CASE("takes a path of its own, before listen") {
    TestServer server;
    server->websocket("/raw", {});
    server->native_events("/native", "/");
    server->engine("/bare", {});
    for (const std::string path : {"/raw", "/native", "/bare", "/socket.io/", "bare", ""}) {
      CAPTURE(path);
      CHECK_THROWS_AS(server->engine(path, {}), std::invalid_argument);
    }
    CHECK_THROWS_AS(server->websocket("/bare", {}), std::invalid_argument);
    CHECK_THROWS_AS(server->native_events("/bare", "/"), std::invalid_argument);
    static_cast<void>(server.port());
    CHECK_THROWS_AS(server->engine("/late", {}), std::logic_error);
    CHECK_THROWS_AS(server->allow_request({}), std::logic_error);
    CHECK_THROWS_AS(server->on_connection_error({}), std::logic_error);
    CHECK_THROWS_AS(server->on_initial_headers({}), std::logic_error);
    CHECK_THROWS_AS(server->on_headers({}), std::logic_error);
  }

  TEST_CASE("sessions of one endpoint are unknown to another") {
    TestServer server;
    server->engine("/bare", {});
    server->engine("/other", {});
    const std::string query = "?EIO=4&transport=polling&sid=";
    const std::string unknown = R"({"code":1,"message":"Session ID unknown"})";
    const PollingClient bare = server.poll({.path = "/bare"});
    const PollingClient main = server.poll();
    CHECK(server.ask({"POST /other" + query + bare.sid(), {}, "4x"}).body == unknown);
    CHECK(server.ask({"POST /socket.io/" + query + bare.sid(), {}, "4x"}).body == unknown);
    CHECK(server.ask({"POST /bare" + query + main.sid(), {}, "4x"}).body == unknown);
    CHECK(server.ask({"POST /bare" + query + bare.sid(), {}, "4x"}).body == "ok");
  }
}

}  // namespace banter::test
