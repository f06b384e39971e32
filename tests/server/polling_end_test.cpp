#include <string>
#include <vector>

#include "base/deflate.h"
#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

const std::string unknown_session = R"({"code":1,"message":"Session ID unknown"})";

// A client in "/", and what its handlers hear.
struct Watched {
  explicit Watched(Options options = {}) : server(std::move(options)) {
    server->on("connection", [this](Socket joined) { socket = joined; });
    server->on("disconnect", [this](Socket, DisconnectReason reason) { reasons.push_back(reason.kind); });
  }

  Socket socket;
  std::vector<Reason> reasons;
  TestServer server;  // last: its destructor still runs handlers
};

}  // namespace

TEST_SUITE("the end of a client on long-polling") {
  TEST_CASE("every way to go has its reason, told once") {
    struct Case {
      std::string name;
      void (*end)(Watched&, PollingClient&);
      Reason reason;
    };
    const std::vector<Case> cases{
        {"client leaves", [](auto&, auto& client) { client.send("1"); }, Reason::client_namespace_disconnect},
        {"server disconnects", [](auto& watched, auto&) { watched.socket.disconnect(); },
         Reason::server_namespace_disconnect},
        {"server ends the connection",
         [](auto& watched, auto&) { watched.socket.disconnect(Disconnect::connection); },
         Reason::server_namespace_disconnect},
        {"close packet", [](auto&, auto& client) { CHECK(client.post("1").body == "ok"); },
         Reason::transport_close},
        {"held poll is lost",
         [](auto& watched, auto& client) {
           client.hold();
           watched.server.settle();
           client.polls().raw().close();
         },
         Reason::transport_error},
        {"POST is lost",
         [](auto& watched, auto& client) {
           client.posts().raw().send("POST " + client.target() +
                                     " HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n42");
           watched.server.settle();
           client.posts().raw().close();
         },
         Reason::transport_error},
        {"two polls",
         [](auto& watched, auto& client) {
           client.hold();
           watched.server.settle();
           CHECK(client.posts().ask({"GET " + client.target(), {}, {}}).status == 400);
           CHECK(client.held().body == "1");
         },
         Reason::transport_error},
        {"ping from the client", [](auto&, auto& client) { CHECK(client.post("2").status == 400); },
         Reason::transport_error},
        {"binary body",
         [](auto&, auto& client) {
           const std::string type = "Content-Type: application/octet-stream\r\n";
           CHECK(client.posts().ask({"POST " + client.target(), type, "4x"}).status == 400);
         },
         Reason::transport_error},
        {"no Engine.IO packet", [](auto&, auto& client) { CHECK(client.post("x").status == 400); },
         Reason::parse_error},
        {"no Socket.IO packet", [](auto&, auto& client) { CHECK(client.post("42[]").body == "ok"); },
         Reason::forced_server_close},
        {"server closes", [](auto& watched, auto&) { watched.server->close(); },
         Reason::server_shutting_down},
        {"more is queued than max_queue",
         [](auto& watched, auto&) {
           CHECK(watched.socket.emit("big", std::string(3000, 'x')) == SendResult::dropped);
         },
         Reason::slow_consumer},
    };
    for (const Case& one : cases) {
      CAPTURE(one.name);
      Watched watched({.max_payload = 1024, .high_water = 1024, .max_queue = 2048});
      PollingClient client = watched.server.poll();
      client.join();
      one.end(watched, client);
      watched.server.run_until([&] { return !watched.reasons.empty(); });
      watched.server.settle();
      CHECK(watched.reasons == std::vector{one.reason});
      CHECK(watched.socket.emit("late") == SendResult::closed);
    }
  }

  TEST_CASE("a client that is sent away hears of its namespace alone, then of the connection") {
    Watched watched;
    PollingClient client = watched.server.poll();
    client.join();
    SUBCASE("while a poll is held") {
      client.hold();
      watched.server.settle();
    }
    SUBCASE("while none is") {
      watched.socket.disconnect(Disconnect::connection);
      watched.server.settle();
      client.hold();
    }
    watched.socket.disconnect(Disconnect::connection);
    CHECK(client.held().body == "41");
    CHECK(client.poll().body ==
          "6\x1e"
          "1");
    CHECK(client.poll().body == unknown_session);
    CHECK(watched.reasons == std::vector{Reason::server_namespace_disconnect});
  }

  TEST_CASE("a client that is put out of its namespace keeps the connection") {
    Watched watched;
    PollingClient client = watched.server.poll();
    client.join();
    watched.socket.disconnect();
    CHECK(client.read() == "1");
    client.join();
    CHECK(client.id() == watched.socket.id());
  }

  TEST_CASE("a server that closes answers held polls with a close packet") {
    Watched watched;
    PollingClient one = watched.server.poll();
    PollingClient two = watched.server.poll();
    one.join();
    one.hold();
    two.hold();
    watched.server.settle();
    watched.server->close();
    CHECK(one.held().body == "1");
    CHECK(two.held().body == "1");
    CHECK(watched.reasons == std::vector{Reason::server_shutting_down});
  }

  TEST_CASE("a body beyond max_payload gets 413 and costs nothing else") {
    Watched watched({.max_payload = 1024});
    PollingClient client = watched.server.poll();
    client.join();
    CHECK(client.post(std::string(1025, '4')).status == 413);
    HttpClient again = watched.server.http_client();
    CHECK(again.ask({"POST " + client.target(), {}, "42[\"a\"]"}).body == "ok");
    CHECK(watched.reasons.empty());
  }
}

TEST_SUITE("compression of polls") {
  TEST_CASE("takes place from compress_polls_from on, if client and application want it") {
    struct Case {
      std::optional<std::size_t> from;
      std::string accepts;
      std::size_t size;  // of the event's argument
      bool compress;
      std::string coding;
    };
    for (const Case& one : std::vector<Case>{{1024, "gzip, deflate", 2000, true, "gzip"},
                                             {1024, "deflate", 2000, true, "deflate"},
                                             {1024, "gzip;q=0", 2000, true, ""},
                                             {1024, "", 2000, true, ""},
                                             {1024, "gzip", 900, true, ""},
                                             {1024, "gzip", 2000, false, ""},
                                             {3000, "gzip", 2000, true, ""},
                                             {std::nullopt, "gzip", 2000, true, ""}}) {
      CAPTURE(one.accepts);
      CAPTURE(one.coding);
      Watched watched({.compress_polls_from = one.from});
      PollingClient client = watched.server.poll({.headers = "Accept-Encoding: " + one.accepts + "\r\n"});
      client.join();
      const std::string text(one.size, 'x');
      watched.socket.compress(one.compress).emit("text", text);
      const HttpAnswer answer = client.poll();
      CHECK(answer.header("Content-Encoding") == one.coding);
      const std::string plain = R"(42["text",")" + text + R"("])";
      const auto kind = one.coding == "gzip" ? base::Coding::gzip : base::Coding::deflate;
      CHECK(answer.body == (one.coding.empty() ? plain : base::compress(plain, kind)));
    }
  }
}

}  // namespace banter::test
