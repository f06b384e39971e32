#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

using namespace std::chrono_literals;

TEST_SUITE("middleware") {
  TEST_CASE("runs in order, sees the handshake, and what it sets is there in the connection handler") {
    TestServer server;
    std::vector<std::string> seen;
    server->use([&](Socket socket, Next next) {
      seen.push_back(socket.handshake().auth.dump());
      socket.set_data({{"user", "ann"}});
      socket.join("room");
      CHECK(socket.rooms().empty());
      next();
    });
    server->use([&](Socket socket, Next next) {
      seen.push_back(std::string(socket.handshake().header("X-Test")));
      next();
    });
    server->on("connection", [&](Socket socket) {
      seen.push_back(socket.data().dump());
      seen.push_back(std::to_string(socket.rooms().size()));
      seen.push_back(*socket.handshake().query("q"));
      seen.push_back(std::string(socket.handshake().header("x-test")));
    });
    SocketioClient client = server.open(
        {.target = "/socket.io/?EIO=4&transport=websocket&q=a%20b", .headers = "X-Test: yes\r\n"});
    client.join("/", R"({"token":"t"})");
    CHECK(seen ==
          std::vector<std::string>{R"({"token":"t"})", "yes", R"({"user":"ann"})", "2", "a b", "yes"});
    Socket socket;
    server->to("room").emit("in");
    CHECK(client.read() == R"(2["in"])");
  }

  TEST_CASE("headers that Options does not keep are gone behind the connection handler") {
    TestServer server({.keep_headers = {"x-kept"}});
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    SocketioClient client = server.open({.headers = "X-Test: yes\r\nX-Kept: kept\r\n"});
    client.join();
    CHECK(socket.handshake().header("x-test").empty());
    CHECK(socket.handshake().header("x-kept") == "kept");
  }

  TEST_CASE("refuses with its message and data; the connection handler is not called") {
    TestServer server;
    server->use([](Socket, Next next) { next.refuse("denied", {{"code", 7}}); });
    server->on("connection", [](Socket) { FAIL("called"); });
    server->on("disconnect", [](Socket, DisconnectReason) { FAIL("called"); });
    SocketioClient client = server.open();
    client.send("0");
    CHECK(client.read() == R"(4{"message":"denied","data":{"code":7}})");
  }

  TEST_CASE("may decide later and from another thread; a second decision does nothing") {
    TestServer server;
    std::optional<Next> kept;
    server->use([&](Socket, Next next) { kept = next; });
    SocketioClient client = server.open();
    client.send("0");
    server.run_until([&] { return kept.has_value(); });
    SUBCASE("accepts") {
      std::thread([&] {
        (*kept)();
        kept->refuse("too late");
      }).join();
      CHECK(client.read().starts_with(R"(0{"sid":)"));
    }
    SUBCASE("refuses") {
      std::thread([&] {
        kept->refuse("no");
        (*kept)();
      }).join();
      CHECK(client.read() == R"(4{"message":"no"})");
    }
    SUBCASE("drops it") {
      std::thread([&] { kept.reset(); }).join();
      CHECK(client.read() == R"(4{"message":"internal error"})");
    }
    SUBCASE("the client has gone meanwhile") {
      client.raw().close();
      server.settle();
      (*kept)();
    }
  }

  TEST_CASE("that drops Next, throws, or takes too long refuses the client") {
    struct Case {
      std::string name;
      std::string message;
      bool is_reported;
    };
    for (const Case& one : {Case{"drops", "internal error", false}, Case{"throws", "internal error", true},
                            Case{"waits", "timeout", false}}) {
      CAPTURE(one.name);
      TestServer server({.middleware_timeout = 5ms});
      std::vector<Next> kept;
      server->use([&, how = one.name](Socket, Next next) {
        if (how == "throws") throw std::runtime_error("oh");
        if (how == "waits") kept.push_back(next);
      });
      SocketioClient client = server.open();
      client.send("0");
      CHECK(client.read() == "4{\"message\":\"" + one.message + "\"}");
      CHECK(server.problems.size() == (one.is_reported ? 1U : 0U));
      if (one.is_reported) CHECK(server.problems[0].where == Problem::Where::middleware);
    }
  }

  TEST_CASE("of one namespace is not asked for another") {
    TestServer server;
    server->of("/guarded").use([](Socket, Next next) { next.refuse("no"); });
    SocketioClient client = server.open();
    client.send("0/guarded,");
    CHECK(client.read() == R"(4/guarded,{"message":"no"})");
    client.send("0/unknown,");
    CHECK(client.read() == R"(4/unknown,{"message":"Invalid namespace"})");
    client.join();
  }
}

TEST_SUITE("the connection handler") {
  TEST_CASE("emits behind CONNECT, in order, before anything else") {
    TestServer server;
    server->use([](Socket socket, Next next) {
      socket.emit("early");
      next();
    });
    server->on("connection", [&](Socket socket) {
      for (int i = 0; i < 3; ++i)
        socket.emit("n", i);
      server->emit("everyone");
    });
    SocketioClient client = server.open();
    client.send("0");
    CHECK(client.read() == R"(2["early"])");
    CHECK(client.read().starts_with("0{"));
    for (const char* packet : {R"(2["n",0])", R"(2["n",1])", R"(2["n",2])", R"(2["everyone"])"})
      CHECK(client.read() == packet);
  }

  TEST_CASE("has run before the first event of a client that sends everything at once") {
    TestServer server;
    std::optional<Next> kept;
    std::string heard;
    bool waits = false;
    SUBCASE("middleware decides at once") {}
    SUBCASE("middleware decides later") {
      waits = true;
    }
    server->use([&](Socket, Next next) { waits ? void(kept = next) : next(); });
    server->on("connection", [&](Socket socket) {
      heard += "connection ";
      socket.on("own", [&](int i) { heard += "own" + std::to_string(i) + " "; });
    });
    server->on("all", [&](Socket, int i) { heard += "all" + std::to_string(i) + " "; });
    // The request, CONNECT and three events in one segment.
    const std::string at_once = client_text("40") + client_text(R"(42["own",1])") +
                                client_text(R"(42["all",2])") + client_text(R"(42["own",3])");
    WebSocketClient client(server.port(), server.turner(), {}, at_once);
    if (waits) {
      server.run_until([&] { return kept.has_value(); });
      CHECK(heard.empty());
      (*kept)();
    }
    server.run_until([&] { return heard.size() > 25; });
    CHECK(heard == "connection own1 all2 own3 ");
  }

  TEST_CASE("that throws sends the client away") {
    std::string reason;
    TestServer server;
    server->on("connection", [](Socket) { throw std::runtime_error("half set up"); });
    server->on("disconnect", [&](Socket, DisconnectReason why) { reason = why.text(); });
    SocketioClient client = server.open();
    client.send("0");
    CHECK(client.read().starts_with("0{"));
    CHECK(client.read() == "1");
    CHECK(reason == "server namespace disconnect");
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].where == Problem::Where::connection);
    CHECK(server.problems[0].text == "half set up");
  }

  TEST_CASE("may disconnect the client it is called for") {
    TestServer server;
    server->on("connection", [](Socket socket) {
      socket.disconnect(Disconnect::connection);
      CHECK_FALSE(socket.connected());
      CHECK(socket.emit("e") == SendResult::closed);
    });
    SocketioClient client = server.open();
    client.send("0");
    CHECK(client.read().starts_with("0{"));
    CHECK(client.read() == "1");
    CHECK(client.read() == "(close 0)");
  }
}

}  // namespace banter::test
