#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

Bytes bytes_of(std::string_view text) {
  return Bytes(text);
}

WebSocketClient upgrade(TestServer& server, PollingClient& from) {
  WebSocketClient client = server.websocket(from.upgrade_target());
  CHECK(client.status() == 101);
  client.send_text("2probe");
  CHECK(client.read_message() == "3probe");
  client.send_text("5");
  server.settle();
  return client;
}

}  // namespace

TEST_SUITE("Socket.IO on long-polling") {
  TEST_CASE("opens with a handshake that offers the upgrade, unless that is switched off") {
    for (const bool allows : {true, false}) {
      TestServer server({.ping_interval = 300ms, .ping_timeout = 200ms, .allow_upgrades = allows});
      const HttpAnswer opened = server.poll().opened();
      CHECK(opened.status == 200);
      CHECK(opened.header("Content-Type") == "text/plain; charset=UTF-8");
      CHECK(opened.header("Cache-Control") == "no-store");
      json open = json::parse(opened.body.substr(1));
      CHECK(open["sid"].get<std::string>().size() == 24);
      open.erase("sid");
      CHECK(open == json{{"upgrades", allows ? json{"websocket"} : json::array()},
                         {"pingInterval", 300},
                         {"pingTimeout", 200},
                         {"maxPayload", 1'000'000}});
    }
  }

  TEST_CASE("events and acknowledgements go both ways") {
    TestServer server;
    std::string answer;
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    server->on("sum", [](Socket, int a, int b, Ack<int> ack) { ack(a + b); });
    PollingClient client = server.poll({.query = "&token=1", .headers = "User-Agent: test\r\n"});
    client.join();
    CHECK(socket.id() == client.id());
    CHECK(socket.handshake().query("token") == "1");
    CHECK(socket.handshake().header("user-agent") == "test");
    client.send(R"(212["sum",1,2])");
    CHECK(client.read() == "312[3]");
    CHECK(socket.emit("question", [&](std::error_code, std::string text) { answer = text; }) ==
          SendResult::queued);
    CHECK(client.read() == R"(20["question"])");
    client.send(R"(30["fine"])");
    CHECK(answer == "fine");
  }

  TEST_CASE("what is emitted in one turn comes in one answer, in order, binary as base64") {
    TestServer server;
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    PollingClient client = server.poll();
    client.join();
    bool is_held = false;
    SUBCASE("a poll is held") {
      is_held = true;
    }
    SUBCASE("no poll is held") {
      is_held = false;
    }
    if (is_held) client.hold();
    server.settle();
    socket.emit("a", 1);
    socket.emit("b", bytes_of("\x01\x02\x03\x04"));
    server->emit("c");
    if (!is_held) client.hold();
    CHECK(client.held().body ==
          "42[\"a\",1]\x1e"
          "451-[\"b\",{\"_placeholder\":true,\"num\":0}]\x1e"
          "bAQIDBA==\x1e"
          "42[\"c\"]");
  }

  TEST_CASE("a payload may hold many packets, with attachments among them") {
    std::vector<std::string> seen;
    TestServer server;
    server->on("text", [&](Socket, std::string text) { seen.push_back(text); });
    server->on("file", [&](Socket, Bytes bytes) { seen.emplace_back(bytes.text()); });
    PollingClient client = server.poll();
    client.join();
    CHECK(client
              .post("42[\"text\",\"a\"]\x1e"
                    "451-[\"file\",{\"_placeholder\":true,\"num\":0}]\x1e"
                    "bAQI=\x1e"
                    "42[\"text\",\"b\"]")
              .body == "ok");
    CHECK(seen == std::vector<std::string>{"a", "\x01\x02", "b"});
  }

  TEST_CASE("sockets share rooms and broadcasts with those on WebSocket") {
    TestServer server;
    server->on("enter", [](Socket socket, std::string room) { socket.join(room); });
    server->on("say", [](Socket socket, std::string text) { socket.to("room").emit("said", text); });
    PollingClient one = server.poll();
    PollingClient two = server.poll();
    SocketioClient three = server.join();
    for (PollingClient* client : {&one, &two}) {
      client->join();
      client->emit(R"(["enter","room"])");
    }
    three.emit(R"(["enter","room"])");
    three.emit(R"(["say","hi"])");
    CHECK(one.read() == R"(2["said","hi"])");
    CHECK(two.read() == R"(2["said","hi"])");
    one.emit(R"(["say","ho"])");
    CHECK(two.read() == R"(2["said","ho"])");
    CHECK(three.read() == R"(2["said","ho"])");
    server->except("room").emit("nobody");
    server->emit("all", bytes_of("\x01"));
    for (PollingClient* client : {&one, &two}) {
      CHECK(client->read() == R"(51-["all",{"_placeholder":true,"num":0}])");
      CHECK(client->read() == "bAQ==");
    }
  }

  TEST_CASE("a held poll brings the ping; without a pong the session ends") {
    TestServer server({.ping_interval = 5ms, .ping_timeout = 500ms});
    PollingClient client = server.poll();
    CHECK(client.poll().body == "2");
    CHECK(client.post("3").body == "ok");
    CHECK(client.poll().body == "2");
    CHECK(client.poll().body == "1");
    CHECK(client.poll().body == R"({"code":1,"message":"Session ID unknown"})");
  }

  TEST_CASE("a socket stays the same across the upgrade, and what it was sent keeps its order") {
    TestServer server;
    Socket socket;
    std::vector<int> seen;
    server->on("connection", [&](Socket joined) { socket = joined; });
    server->on("n", [&](Socket from, int n) {
      CHECK(from == socket);
      seen.push_back(n);
    });
    server->on("disconnect", [&](Socket, DisconnectReason) { seen.push_back(-1); });
    PollingClient polling = server.poll();
    polling.join();
    polling.emit(R"(["n",1])");
    socket.emit("a");
    WebSocketClient upgraded = upgrade(server, polling);
    socket.emit("b");
    CHECK(upgraded.read_message() == R"(42["a"])");
    CHECK(upgraded.read_message() == R"(42["b"])");
    upgraded.send_text(R"(42["n",2])");
    server.run_until([&] { return seen.size() == 2; });
    upgraded.send_text("1");
    server.run_until([&] { return seen.size() == 3; });
    CHECK(seen == std::vector<int>{1, 2, -1});
  }

  TEST_CASE("a second WebSocket, or one where upgrades are switched off, is accepted and closed") {
    TestServer server({.allow_upgrades = false});
    PollingClient client = server.poll();
    WebSocketClient refused = server.websocket(client.upgrade_target());
    CHECK(refused.status() == 101);
    CHECK(refused.read_frame().opcode == 0x8);
    CHECK(client.post("40").body == "ok");
  }

  TEST_CASE("an upgrade that takes longer than upgrade_timeout is given up, and polling goes on") {
    TestServer server({.upgrade_timeout = 1ms});
    PollingClient client = server.poll();
    WebSocketClient slow = server.websocket(client.upgrade_target());
    CHECK(slow.status() == 101);
    CHECK(slow.read_frame().opcode == 0x8);
    client.join();
  }
}

}  // namespace banter::test
