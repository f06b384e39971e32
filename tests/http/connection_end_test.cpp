#include <doctest/doctest.h>

#include <chrono>
#include <ostream>

#include "http/connection.h"
#include "http/error_page.h"
#include "tests/http/test_bodies.h"
#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view get_b = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view upgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

}  // namespace

TEST_SUITE("http connection's end") {
  TEST_CASE("a head that is not complete in time gets 408") {
    TestServer server({.head_timeout = 20ms});
    TestClient client = server.connect();
    client.send("GET / HTT");
    const Answer answer = client.answer();
    CHECK(answer.status == 408);
    CHECK(answer.header("Connection") == "close");
    client.wait_for_end();
    CHECK(server.counters.timeouts.value() == 1);
  }

  TEST_CASE("the time for a head is not extended by its bytes") {
    TestServer server({.limits = {.max_head = SIZE_MAX, .max_headers = SIZE_MAX}, .head_timeout = 50ms});
    TestClient client = server.connect();
    const loop::TimePoint start = server.loop.now();
    client.send("GET / HTTP/1.1\r\n");
    server.run_until_true([&] {
      client.send("X: y\r\n");
      return !client.received().empty();
    });
    CHECK(client.answer().status == 408);
    CHECK(server.loop.now() - start < 5s);
  }

  TEST_CASE("a body without progress gets 408") {
    TestServer server({.body_timeout = 20ms});
    TestClient client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
    CHECK(client.answer().status == 408);
    client.wait_for_end();
    CHECK(server.paths.empty());
  }

  TEST_CASE("an idle connection is closed without a word") {
    TestServer server({.head_timeout = 20ms, .idle_timeout = 20ms});
    TestClient client = server.connect();
    SUBCASE("before its first request") {}
    SUBCASE("between requests") {
      client.send(get_a);
      CHECK(client.answer().status == 200);
    }
    client.wait_for_end();
    CHECK(client.received().empty());
    CHECK(server.connections.size() == 0);
    CHECK(server.counters.open_connections.value() == 0);
  }

  TEST_CASE("no time runs while the server makes up its answer") {
    TestServer server({.head_timeout = 10ms, .body_timeout = 10ms, .idle_timeout = 10ms});
    Responder waiting;
    server.handler = [&](Request&, Responder responder) { waiting = std::move(responder); };
    TestClient client = server.connect();
    client.send(get_a);
    server.run_until_true([&] { return waiting.is_open(); });
    Alarm later(server.loop, 100ms);
    server.run_until_true([&] { return later.has_rung(); });
    waiting.send(200, "text/plain", "late");
    CHECK(client.answer().body == "late");
  }

  TEST_CASE("a request that nobody answers gets 500") {
    TestServer server;
    server.handler = [](Request&, Responder) {};
    TestClient client = server.connect();
    client.send(get_a);
    CHECK(client.answer().status == 500);
    CHECK(server.counters.server_errors.value() == 1);
  }

  TEST_CASE("an answer for a client that has gone does nothing") {
    TestServer server;
    Responder waiting;
    int gone = 0;
    server.handler = [&](Request&, Responder responder) {
      responder.on_gone([&] { ++gone; });
      waiting = std::move(responder);
    };
    TestClient client = server.connect();
    client.send(get_a);
    server.run_until_true([&] { return waiting.is_open(); });
    SUBCASE("by RST") {
      client.reset();
      server.run_until_true([&] { return gone == 1; });
      CHECK_FALSE(waiting.is_open());
    }
    SUBCASE("by closing") {
      client.close();
      server.run_until_true([&] { return gone == 1; });
    }
    SUBCASE("because the server closed it") {
      server.connections.close_all();
      CHECK(gone == 1);
      CHECK_FALSE(waiting.is_open());
    }
    waiting.send(200, "text/plain", "late");
    server.run_until_true([&] { return server.connections.size() == 0; });
    CHECK(gone == 1);
  }

  TEST_CASE("a client that closes only its side still gets its answers") {
    TestServer server;
    TestClient client = server.connect();
    client.send(std::string(get_a) + std::string(get_b));
    client.half_close();
    CHECK(client.answer().body == "GET /a ");
    CHECK(client.answer().body == "GET /b ");
    client.wait_for_end();
  }

  TEST_CASE("hands over the stream of an upgrade with what came behind the head") {
    TestServer server;
    TestClient client = server.connect();
    Upgrade waiting;
    std::string rest;
    const auto accept = [&](Upgrade& decided) {
      auto [stream, bytes] = decided.accept("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      stream->write("frames");
      rest = bytes;
      server.upgraded.push_back(std::move(stream));
    };
    SUBCASE("at once") {
      server.upgrade_handler = [&](Request& request, Upgrade decided) {
        CHECK(request.path == "/ws");
        accept(decided);
      };
      client.send(std::string(upgrade) + "\x81\x80");
      server.run_until_true([&] { return !server.upgraded.empty(); });
    }
    SUBCASE("later") {
      server.upgrade_handler = [&](Request&, Upgrade undecided) { waiting = std::move(undecided); };
      client.send(std::string(upgrade) + "\x81\x80");
      server.run_until_true([&] { return waiting.is_open(); });
      accept(waiting);
    }
    CHECK(rest == "\x81\x80");
    CHECK_FALSE(waiting.is_open());
    CHECK(server.connections.size() == 0);
    CHECK(server.counters.upgrades.value() == 1);
    CHECK(client.answer().status == 101);
    server.run_until_true([&] { return client.received() == "frames"; });
  }

  TEST_CASE("answers a refused or forgotten upgrade and closes") {
    TestServer server;
    TestClient client = server.connect();
    int status = 0;
    SUBCASE("refused") {
      server.upgrade_handler = [](Request&, Upgrade undecided) {
        undecided.refuse(error_page(404, "nobody"));
      };
      status = 404;
    }
    SUBCASE("forgotten") {
      status = 500;
    }
    client.send(std::string(upgrade) + std::string(get_b));
    const Answer answer = client.answer();
    CHECK(answer.status == status);
    CHECK(answer.header("Connection") == "close");
    client.wait_for_end();
    CHECK(server.paths.empty());
  }

  TEST_CASE("lives through a client that resets while its upgrade is refused (CVE-2022-41940)") {
    TestServer server;
    Upgrade waiting;
    server.upgrade_handler = [&](Request&, Upgrade undecided) { waiting = std::move(undecided); };
    for (int i = 0; i < 20; ++i) {
      TestClient client = server.connect();
      client.send(upgrade);
      server.run_until_true([&] { return waiting.is_open(); });
      client.reset();
      if (i % 2 == 0) uv_run(server.loop.uv(), UV_RUN_NOWAIT);
      waiting.refuse(error_page(400, "no"));
      server.run_until_true([&] { return server.connections.size() == 0; });
    }
    TestClient neighbour = server.connect();
    neighbour.send(get_a);
    CHECK(neighbour.answer().status == 200);
  }

  TEST_CASE("while the server drains, idle connections end and the others after their answer") {
    TestServer server;
    Responder waiting;
    server.handler = [&](Request&, Responder responder) { waiting = std::move(responder); };
    TestClient idle = server.connect();
    TestClient busy = server.connect();
    busy.send(get_a);
    server.run_until_true([&] { return waiting.is_open() && server.connections.size() == 2; });
    server.connections.stop_keep_alive();
    idle.wait_for_end();
    CHECK(idle.received().empty());
    waiting.send(200, "text/plain", "last");
    const Answer answer = busy.answer();
    CHECK(answer.body == "last");
    CHECK(answer.header("Connection") == "close");
    busy.wait_for_end();
    CHECK(server.connections.size() == 0);
  }

  TEST_CASE("a handler may close every connection, its own too") {
    TestServer server;
    server.handler = [&](Request&, Responder responder) {
      server.connections.close_all();
      CHECK_FALSE(responder.is_open());
    };
    TestClient client = server.connect();
    client.send(std::string(get_a) + std::string(get_b));
    client.wait_for_end();
    CHECK(server.paths.size() == 1);
  }
}
