#include <string>
#include <string_view>
#include <vector>

#include "tests/server/test_server.h"
#include "websocket/error.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// What the handlers of one client have heard when it went.
struct Leaving {
  std::vector<std::string> rooms_before;
  std::vector<std::string> rooms_after;
  std::vector<DisconnectReason> reasons;
  json data;
  Socket socket;
};

void watch(TestServer& server, Leaving& leaving) {
  server->on("connection", [&](Socket socket) {
    socket.join("room");
    socket.set_data("kept");
    leaving.socket = socket;
  });
  server->on("disconnecting",
             [&](Socket socket, DisconnectReason) { leaving.rooms_before = socket.rooms(); });
  server->on("disconnect", [&](Socket socket, DisconnectReason reason) {
    leaving.rooms_after = socket.rooms();
    leaving.data = socket.data();
    leaving.reasons.push_back(reason);
  });
}

}  // namespace

TEST_SUITE("disconnect reasons") {
  TEST_CASE("every way to go has its own") {
    struct Case {
      std::string name;
      void (*end)(TestServer&, SocketioClient&, const Socket&);
      Reason kind;
      const char* text;
      const char* detail;
      EndedBy by;
      Layer layer;
    };
    const std::vector<Case> cases{
        {"client leaves", [](auto&, auto& client, auto&) { client.send("1"); },
         Reason::client_namespace_disconnect, "client namespace disconnect", "", EndedBy::client,
         Layer::socketio},
        {"server disconnects", [](auto&, auto&, auto& socket) { socket.disconnect(); },
         Reason::server_namespace_disconnect, "server namespace disconnect", "", EndedBy::server,
         Layer::application},
        {"server ends the connection",
         [](auto&, auto&, auto& socket) { socket.disconnect(Disconnect::connection); },
         Reason::server_namespace_disconnect, "server namespace disconnect", "", EndedBy::server,
         Layer::application},
        {"close frame", [](auto&, auto& client, auto&) { client.raw().send(client_close(1000, "bye")); },
         Reason::transport_close, "transport close", "bye", EndedBy::client, Layer::websocket},
        {"Engine.IO close", [](auto&, auto& client, auto&) { client.socket().send_text("1"); },
         Reason::transport_close, "transport close", "", EndedBy::client, Layer::engine},
        {"TCP ends", [](auto&, auto& client, auto&) { client.raw().close(); }, Reason::transport_close,
         "transport close", "", EndedBy::client, Layer::tcp},
        {"TCP resets", [](auto&, auto& client, auto&) { client.raw().reset(); }, Reason::transport_error,
         "transport error", "reset", EndedBy::network, Layer::tcp},
        {"frame not masked",
         [](auto&, auto& client, auto&) { client.raw().send(client_frame(1, "2", {.mask = ""})); },
         Reason::transport_error, "transport error", "mask", EndedBy::client, Layer::websocket},
        {"message too big",
         [](auto&, auto& client, auto&) { client.socket().send_text(std::string(2000, '4')); },
         Reason::transport_error, "transport error", "big", EndedBy::client, Layer::websocket},
        {"ping from the client", [](auto&, auto& client, auto&) { client.socket().send_text("2"); },
         Reason::transport_error, "transport error", "ping", EndedBy::client, Layer::engine},
        {"no Engine.IO packet", [](auto&, auto& client, auto&) { client.socket().send_text("{}"); },
         Reason::parse_error, "parse error", "Engine.IO", EndedBy::client, Layer::engine},
        {"no Socket.IO packet", [](auto&, auto& client, auto&) { client.send("2[]"); }, Reason::forced_close,
         "forced close", "payload", EndedBy::client, Layer::socketio},
        {"packet for another namespace", [](auto&, auto& client, auto&) { client.send(R"(2/x,["e"])"); },
         Reason::forced_close, "forced close", "namespace", EndedBy::client, Layer::socketio},
        {"server closes", [](auto& server, auto&, auto&) { server->close(); }, Reason::server_shutting_down,
         "server shutting down", "shutting down", EndedBy::server, Layer::application},
    };
    for (const Case& one : cases) {
      CAPTURE(one.name);
      Leaving leaving;
      TestServer server({.max_payload = 1024});
      watch(server, leaving);
      SocketioClient client = server.join();
      one.end(server, client, leaving.socket);
      server.run_until([&] { return !leaving.reasons.empty(); });
      CHECK(leaving.reasons[0].kind == one.kind);
      CHECK(leaving.reasons[0].text() == one.text);
      CAPTURE(leaving.reasons[0].detail);
      CHECK(leaving.reasons[0].detail.find(one.detail) != std::string::npos);
      CHECK(to_text(leaving.reasons[0].by) == to_text(one.by));
      CHECK(to_text(leaving.reasons[0].layer) == to_text(one.layer));
      CHECK(leaving.rooms_before.size() == 2);
      CHECK(leaving.rooms_after.empty());
      CHECK(leaving.data == "kept");
      server.settle();
      CHECK(leaving.reasons.size() == 1);
      CHECK(leaving.socket.data().is_null());  // gone
    }
  }

  TEST_CASE("a client that answers no ping ends with ping timeout") {
    Leaving leaving;
    TestServer server({.ping_interval = 5ms, .ping_timeout = 5ms});
    watch(server, leaving);
    SocketioClient client = server.join();
    server.run_until([&] { return !leaving.reasons.empty(); });
    CHECK(leaving.reasons[0].kind == Reason::ping_timeout);
    CHECK(leaving.reasons[0].detail.find("ping_timeout") != std::string::npos);
    CHECK(leaving.reasons[0].by == EndedBy::network);
    CHECK(leaving.reasons[0].idle >= 5ms);  // silent since it joined: for a timeout at least
  }

  TEST_CASE("each namespace of a connection hears of its end") {
    std::vector<std::string> ends;
    TestServer server;
    server->on("disconnect",
               [&](Socket, DisconnectReason reason) { ends.push_back("/ " + std::string(reason.text())); });
    server->of("/b").on("disconnect", [&](Socket, DisconnectReason reason) {
      ends.push_back("/b " + std::string(reason.text()));
    });
    SocketioClient client = server.join();
    client.join("/b");
    client.socket().send_close();
    server.run_until([&] { return ends.size() == 2; });
    CHECK(ends == std::vector<std::string>{"/ transport close", "/b transport close"});
  }

  TEST_CASE("a client that joins no namespace is sent away, and no handler hears of it") {
    TestServer server({.connect_timeout = 1ms});
    server->on("disconnect", [](Socket, DisconnectReason) { FAIL("called"); });
    SocketioClient client = server.open();
    CHECK(client.socket().read_close().opcode == 0x8);
  }

  TEST_CASE("the close frame and the reason say what went wrong in the client's bytes") {
    Leaving leaving;
    TestServer server;
    watch(server, leaving);
    SocketioClient client = server.join();
    client.raw().send(client_frame(0x1, "\xff"));  // RFC 6455 section 8.1
    CHECK(client.socket().read_close().close_code() == 1007);
    server.run_until([&] { return !leaving.reasons.empty(); });
    CHECK(leaving.reasons[0].close_code == 1007);
    CHECK(leaving.reasons[0].error);
  }
}

}  // namespace banter::test
