#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"
#include "tests/support/hex.h"

namespace banter::test {

namespace {

// An endpoint that keeps its client's handle and what it hears.
struct Endpoint {
  WebSocketEndpoint make() {
    WebSocketEndpoint endpoint;
    endpoint.on_open = [this](WebSocket opened) { socket = opened; };
    endpoint.on_message = [this](WebSocket, BytesView bytes, MessageKind kind) {
      messages.push_back((kind == MessageKind::text ? "text " : "binary ") + std::string(as_text(bytes)));
    };
    endpoint.on_close = [this](WebSocket, DisconnectReason reason) { reasons.push_back(reason); };
    return endpoint;
  }

  WebSocket socket;
  std::vector<std::string> messages;
  std::vector<DisconnectReason> reasons;
};

}  // namespace

TEST_SUITE("a raw WebSocket endpoint") {
  TEST_CASE("hears messages and sends them, from any thread") {
    Endpoint endpoint;
    TestServer server;
    server->websocket("/raw", endpoint.make());
    WebSocketClient client = server.websocket("/raw");
    client.send_text("hello");
    client.send_binary("\x01\x02");
    server.run_until([&] { return endpoint.messages.size() == 2; });
    CHECK(endpoint.messages == std::vector<std::string>{"text hello", "binary \x01\x02"});
    CHECK(endpoint.socket.send("here") == SendResult::sent);
    std::thread([&] {
      CHECK(endpoint.socket.send(Bytes(std::string_view("there"))) == SendResult::posted);
      CHECK_THROWS_AS(static_cast<void>(endpoint.socket.buffered()), std::logic_error);
    }).join();
    CHECK(endpoint.socket.send("bad \xff") == SendResult::sent);
    CHECK(client.read_frame().payload == "here");
    CHECK(client.read_frame().payload == "bad \xEF\xBF\xBD");
    const ServerFrame binary = client.read_frame();
    CHECK(binary.opcode == 0x2);
    CHECK(binary.payload == "there");
  }

  TEST_CASE("is delivered a plain message as it is") {
    Endpoint endpoint;
    TestServer server;
    server->websocket("/raw", endpoint.make());
    WebSocketClient client = server.websocket("/raw");
    client.raw().send(
        from_hex("81 9c 11 2d f8 bd 6a 0f 96 dc 7c 48 da 87 33 40 8b da 33 01 da d9 70 59 99 9f 2b 76 "
                 "c9 8f 3d 18 a5 c0"));
    server.run_until([&] { return !endpoint.messages.empty(); });
    CHECK(endpoint.messages[0] == R"(text {"name":"msg","data":[12,5]})");
  }

  TEST_CASE("hears of the end exactly once, and its handle then answers closed") {
    Endpoint endpoint;
    TestServer server({.close_timeout = std::chrono::milliseconds{10}});
    server->websocket("/raw", endpoint.make());
    WebSocketClient client = server.websocket("/raw");
    server.run_until([&] { return endpoint.socket != WebSocket(); });
    Reason kind{};
    int code = 0;
    SUBCASE("the client closes") {
      client.raw().send(client_close(3001, "bye"));
      kind = Reason::transport_close;
      code = 3001;
    }
    SUBCASE("the client is gone") {
      client.raw().close();
      kind = Reason::transport_close;
    }
    SUBCASE("the server closes it, from another thread") {
      std::thread([&] { endpoint.socket.close(4000, "enough"); }).join();
      const ServerFrame frame = client.read_close();
      CHECK(frame.close_code() == 4000);
      CHECK(frame.close_reason() == "enough");
      client.send_close(4000);
      kind = Reason::forced_close;
      code = 4000;
    }
    SUBCASE("the server shuts down and the client answers") {
      server->close();
      CHECK(client.read_close().close_code() == 1001);
      client.send_close(1001);
      kind = Reason::server_shutting_down;
      code = 1001;
    }
    SUBCASE("the server shuts down and the client does not") {
      server->close();
      kind = Reason::server_shutting_down;
    }
    server.run_until([&] { return !endpoint.reasons.empty(); });
    CHECK(endpoint.socket.send("late") == SendResult::closed);
    CHECK(endpoint.socket.buffered() == 0);
    endpoint.socket.close();
    client.raw().close();
    server.close();
    REQUIRE(endpoint.reasons.size() == 1);
    CHECK(endpoint.reasons[0].kind == kind);
    CHECK(endpoint.reasons[0].close_code == code);
  }

  TEST_CASE("limits what a client may send") {
    Endpoint endpoint;
    TestServer server;
    WebSocketEndpoint limited = endpoint.make();
    limited.max_message = 10;
    limited.max_fragments = 2;
    server->websocket("/raw", std::move(limited));
    WebSocketClient big = server.websocket("/raw");
    big.send_text("12345678901");
    CHECK(big.read_close().close_code() == 1009);
    WebSocketClient fragments = server.websocket("/raw");
    fragments.raw().send(client_frame(1, "a", {.is_final = false}) +
                         client_frame(0, "b", {.is_final = false}) + client_frame(0, "c"));
    CHECK(fragments.read_close().close_code() == 1008);
    CHECK(endpoint.messages.empty());
  }

  TEST_CASE("whose handler throws ends that connection with 1011, and the problem names the handler") {
    TestServer server;
    server->websocket("/raw", {.on_message = [](WebSocket, BytesView, MessageKind) {
                        throw std::runtime_error("no luck");
                      }});
    WebSocketClient client = server.websocket("/raw");
    client.send_text("x");
    CHECK(client.read_close().close_code() == 1011);
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].where == Problem::Where::http);
    CHECK(server.problems[0].text == "no luck");
  }

  TEST_CASE("a close code that an application may not send is refused") {
    const WebSocket nobody;
    for (const int code : {0, 999, 1001, 1005, 2999, 5000})
      CHECK_THROWS_AS(nobody.close(static_cast<std::uint16_t>(code)), std::invalid_argument);
    nobody.close(1000);
    nobody.close(4999);
    CHECK(nobody.send("x") == SendResult::closed);
  }
}

TEST_SUITE("plain JSON events") {
  TEST_CASE("a masked frame of the browser's WebSocket calls the handler with its arguments") {
    TestServer server;
    std::vector<int> seen;
    server->on("msg", [&](Socket, int a, int b) { seen = {a, b}; });
    server->native_events("/ws", "/");
    WebSocketClient client = server.websocket("/ws");
    CHECK(client.read_message().starts_with(R"({"name":"connect","data":[{"sid":")"));
    client.raw().send(
        from_hex("81 9c 11 2d f8 bd 6a 0f 96 dc 7c 48 da 87 33 40 8b da 33 01 da d9 70 59 99 9f 2b 76 "
                 "c9 8f 3d 18 a5 c0"));
    server.run_until([&] { return !seen.empty(); });
    CHECK(seen == std::vector<int>{12, 5});
  }

  TEST_CASE("its sockets share rooms, broadcasts and acknowledgements with those of Socket.IO") {
    TestServer server;
    Socket native;
    server->on("connection", [&](Socket socket) {
      socket.join("room");
      native = socket;
    });
    server->on("ask", [](Socket, Bytes bytes, Ack<std::string> ack) { ack(std::string(bytes.text())); });
    server->native_events("/ws", "/");
    SocketioClient other = server.join();
    WebSocketClient client = server.websocket("/ws?token=t%201");
    client.read_message();
    CHECK(native.handshake().auth == json{{"token", "t 1"}});
    server->to("room").emit("all", 1, Bytes(std::string_view("hi")));
    CHECK(client.read_message() == R"({"name":"all","data":[1,"aGk="]})");
    CHECK(other.read() == R"(51-["all",1,{"_placeholder":true,"num":0}])");
    client.send_text(R"({"name":"ask","data":["aGk="],"id":7})");
    CHECK(client.read_message() == R"({"id":7,"data":["hi"]})");
    std::string answer;
    native.emit("question", [&](std::error_code, std::string text) { answer = text; });
    const json question = json::parse(client.read_message());
    CHECK(question["name"] == "question");
    client.send_text(json{{"id", question["id"]}, {"data", {"fine"}}}.dump());
    server.run_until([&] { return !answer.empty(); });
    CHECK(answer == "fine");
  }

  TEST_CASE("close codes say why") {
    TestServer server;
    Socket socket;
    bool lets_in = true;
    server->use([&](Socket, Next next) { lets_in ? next() : next.refuse("who are you"); });
    server->on("connection", [&](Socket joined) { socket = joined; });
    server->native_events("/ws", "/");
    lets_in = false;
    WebSocketClient refused = server.websocket("/ws");
    const ServerFrame refusal = refused.read_close();
    CHECK(refusal.close_code() == 4401);
    CHECK(refusal.close_reason() == "who are you");
    lets_in = true;

    struct Case {
      std::string frame;
      int code;
    };
    for (const Case& one : std::vector<Case>{{client_binary("x"), 1003},
                                             {client_text("not json"), 1007},
                                             {client_text("[]"), 1007},
                                             {client_text(R"({"name":"connect"})"), 1007},
                                             {client_text(R"({"name":5})"), 1007}}) {
      CAPTURE(one.frame);
      WebSocketClient client = server.websocket("/ws");
      client.raw().send(one.frame);
      CHECK(client.read_close().close_code() == one.code);
    }
    WebSocketClient left = server.websocket("/ws");
    left.read_message();
    socket.disconnect();
    CHECK(left.read_close().close_code() == 4000);
  }
}

}  // namespace banter::test
