#include "http/connection.h"

#include <doctest/doctest.h>

#include <chrono>
#include <ostream>

#include "http/error_page.h"
#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view get_b = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view upgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

std::string post(std::string_view headers, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

// A body made of `count` pieces of one letter, each given on a later turn of the loop.
class Letters final : public BodySource {
 public:
  Letters(loop::Loop& loop, std::size_t piece, std::size_t count, std::size_t fails_at = SIZE_MAX)
      : loop_(loop), piece_(piece), count_(count), fails_at_(fails_at) {}
  std::uint64_t size() const noexcept override { return piece_ * count_; }
  void read(Done done) override {
    done_ = std::move(done);
    deadline_.set(loop_.wheel(), loop_.now());
  }
  static inline std::size_t pieces_read = 0;

 private:
  void give() {
    ++pieces_read;
    Done done = std::move(done_);
    const bool fails = given_ == fails_at_;
    std::string piece(piece_, static_cast<char>('a' + given_++ % 26));
    done(fails ? std::make_error_code(std::errc::io_error) : std::error_code{}, std::move(piece));
  }

  loop::Loop& loop_;
  std::size_t piece_;
  std::size_t count_;
  std::size_t fails_at_;
  std::size_t given_ = 0;
  Done done_;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Letters::give>{}};
};

// A point in the loop's time to wait for.
class Alarm {
 public:
  Alarm(loop::Loop& loop, loop::Milliseconds delay) {
    uv_update_time(loop.uv());
    deadline_.set(loop.wheel(), loop.now() + delay);
  }
  bool has_rung() const { return !deadline_.is_set(); }

 private:
  void ring() {}
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Alarm::ring>{}};
};

}  // namespace

TEST_SUITE("http connection") {
  TEST_CASE("answers requests one after the other on one connection") {
    TestServer server;
    TestClient client = server.connect();
    client.send(get_a);
    const Answer first = client.answer();
    CHECK(first.status == 200);
    CHECK(first.body == "GET /a ");
    CHECK(first.header("Content-Type") == "text/plain");
    CHECK(first.header("Connection").empty());
    client.send(post("Content-Length: 5\r\n", "hello"));
    CHECK(client.answer().body == "POST /p hello");
    client.send(post("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nT: y\r\n\r\n"));
    CHECK(client.answer().body == "POST /p hello");
    CHECK(server.counters.connections.value() == 1);
    CHECK(server.counters.requests.value() == 3);
  }

  TEST_CASE("writes the date of the answer") {
    TestServer server({.wall_clock = +[]() noexcept -> std::int64_t { return 784111777; }});
    TestClient client = server.connect();
    client.send(get_a);
    CHECK(client.answer().header("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
  }

  TEST_CASE("answers pipelined requests in order, each handled when the one before is answered") {
    TestServer server;
    std::vector<Responder> waiting;
    server.handler = [&](Request&, Responder responder) { waiting.push_back(std::move(responder)); };
    TestClient client = server.connect();
    client.send(std::string(get_a) + std::string(get_b) + std::string(get_a));
    server.run_until_true([&] { return waiting.size() == 1; });
    client.send(get_b);
    for (std::size_t i = 0; i < 4; ++i) {
      server.run_until_true([&] { return waiting.size() == i + 1; });
      waiting[i].send(200, "text/plain", std::to_string(i));
      CHECK(waiting.size() == i + 1);  // no handler is called from inside send()
      CHECK(client.answer().body == std::to_string(i));
    }
    CHECK(server.paths == std::vector<std::string>{"/a", "/b", "/a", "/b"});
  }

  TEST_CASE("closes after the answer where the client or HTTP/1.0 wants that") {
    struct Row {
      const char* head;
      bool closes;
      const char* connection;
    };
    for (const Row& row : {
             Row{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", true, "close"},
             Row{"GET / HTTP/1.0\r\n\r\n", true, "close"},
             Row{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, "keep-alive"},
         }) {
      CAPTURE(row.head);
      TestServer server;
      TestClient client = server.connect();
      client.send(row.head + std::string(get_b));
      const Answer answer = client.answer();
      CHECK(answer.status == 200);
      CHECK(answer.header("Connection") == row.connection);
      if (row.closes) client.wait_for_end();
      if (!row.closes) CHECK(client.answer().status == 200);
      CHECK_FALSE(client.was_reset());
      CHECK(server.paths.size() == (row.closes ? 1 : 2));
    }
  }

  TEST_CASE("HEAD, 204 and 304 have no body, and the next answer follows in step") {
    TestServer server;
    server.handler = [](Request& request, Responder responder) {
      if (request.path == "/204")
        return responder.send(std::move(Response(204).set_body(std::string("ignored")).set_header("X", "y")));
      if (request.path == "/304")
        return responder.send(std::move(Response(304).set_body(std::string("ignored"))));
      responder.send(200, "text/plain", "body");
    };
    TestClient client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    const Answer head = client.answer("HEAD");
    CHECK(head.header("Content-Length") == "4");
    client.send("GET /204 HTTP/1.1\r\nHost: x\r\n\r\nGET /304 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.answer().header("Content-Length").empty());
    CHECK(client.answer().header("Content-Length").empty());
    client.send(get_a);
    CHECK(client.answer().body == "body");
  }

  TEST_CASE("answers a bad request and reads nothing behind it") {
    struct Row {
      std::string bytes;
      int status;
    };
    for (const Row& row : {
             Row{"GET / HTTP/1.1\r\n\r\n", 400},
             Row{"nonsense\r\n\r\n", 400},
             Row{"GET / HTTP/3.0\r\n\r\n", 505},
             Row{"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
             Row{"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n", 431},
             Row{post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
             Row{post("Transfer-Encoding: chunked\r\n", "x\r\n\r\n"), 400},
             Row{post("Content-Length: 1001\r\n", ""), 413},
             Row{post("Transfer-Encoding: chunked\r\n", "3e9\r\n" + std::string(1001, 'a')), 413},
             Row{post("Content-Length: 1\r\nExpect: miracles\r\n", ""), 417},
         }) {
      CAPTURE(row.bytes);
      TestServer server;
      TestClient client = server.connect();
      client.send(row.bytes + std::string(get_b));
      const Answer answer = client.answer();
      CHECK(answer.status == row.status);
      CHECK(answer.header("Connection") == "close");
      CHECK(answer.body.find("<p>") != std::string::npos);
      client.wait_for_end();
      CHECK_FALSE(client.was_reset());
      CHECK(client.received().empty());
      CHECK(server.paths.empty());
      CHECK(server.counters.client_errors.value() + server.counters.server_errors.value() == 1);
    }
  }

  TEST_CASE("a client that is still sending an oversized body gets to read its 413") {
    TestServer server;
    TestClient client = server.connect();
    client.send(post("Content-Length: 10000000\r\n", ""));
    client.send(std::string(4'000'000, 'a'));
    CHECK(client.answer().status == 413);
    client.wait_for_end();
    CHECK_FALSE(client.was_reset());
  }

  TEST_CASE("asks for a body that the client holds back, before it is read") {
    TestServer server;
    TestClient client = server.connect();
    client.send(post("Content-Length: 5\r\nExpect: 100-Continue\r\n", ""));
    CHECK(client.answer().head == "HTTP/1.1 100 Continue\r\n");
    client.send("hello");
    CHECK(client.answer().body == "POST /p hello");
  }

  TEST_CASE("answers at once, and closes, where a held back body is not wanted") {
    TestServer server;
    TestClient client = server.connect();
    SUBCASE("too long") {
      client.send(post("Content-Length: 1001\r\nExpect: 100-continue\r\n", ""));
    }
    SUBCASE("refused") {
      server.plan = [](const Request&) { return BodyPlan::refuse(error_page(413, "no")); };
      client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
    }
    const Answer answer = client.answer();
    CHECK(answer.status == 413);
    CHECK(answer.header("Connection") == "close");
    client.wait_for_end();
    CHECK(server.paths.empty());
  }

  TEST_CASE("drops a body that is not wanted and stays in step") {
    TestServer server;
    server.plan = [](const Request&) { return BodyPlan::drop(); };
    TestClient client = server.connect();
    client.send("GET /g HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /");
    CHECK(client.answer().body == "GET /g ");
    server.plan = [](const Request&) { return BodyPlan::refuse(error_page(405, "no")); };
    client.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
    CHECK(client.answer().status == 405);
    client.send(get_a);
    CHECK(client.answer().body == "GET /a ");
  }

  TEST_CASE("closes after an unwanted body that is too long to drop") {
    TestServer server({.max_dropped_body = 10});
    server.plan = [](const Request&) { return BodyPlan::refuse(error_page(405, "no")); };
    TestClient client = server.connect();
    SUBCASE("by its length") {
      client.send(post("Content-Length: 11\r\n", "hello worl"));
    }
    SUBCASE("in chunks") {
      client.send(post("Transfer-Encoding: chunked\r\n", "b\r\nhello world\r\n"));
    }
    const Answer answer = client.answer();
    CHECK(answer.status == 405);
    CHECK(answer.header("Connection") == "close");
    client.wait_for_end();
    CHECK_FALSE(client.was_reset());
  }

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
    client.send(post("Content-Length: 5\r\n", "hel"));
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

  TEST_CASE("sends a body from its source, and the next answer behind it") {
    TestServer server;
    server.handler = [&](Request& request, Responder responder) {
      if (request.path == "/b") return responder.send(200, "text/plain", "b");
      responder.send(std::move(Response(200).set_body(std::make_unique<Letters>(server.loop, 1000, 5))));
    };
    TestClient client = server.connect();
    client.send(std::string(get_a) + "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(get_b));
    const Answer answer = client.answer();
    CHECK(answer.header("Content-Length") == "5000");
    CHECK(answer.body.size() == 5000);
    CHECK(answer.body.back() == 'e');
    CHECK(client.answer("HEAD").header("Content-Length") == "5000");
    CHECK(client.answer().body == "b");
  }

  TEST_CASE("breaks off where a source fails, so that the client sees a short body") {
    TestServer server;
    server.handler = [&](Request&, Responder responder) {
      responder.send(std::move(Response(200).set_body(std::make_unique<Letters>(server.loop, 1000, 5, 2))));
    };
    TestClient client = server.connect();
    client.send(get_a);
    client.wait_for_end();
    CHECK(client.received().size() < 5000);
  }

  TEST_CASE("reads no more of a source than a client that does not read may keep waiting") {
    Settings settings;
    settings.stream.high_water = 256 * 1024;
    TestServer server(settings);
    constexpr std::size_t piece = 64 * 1024;
    constexpr std::size_t count = 400;
    Letters::pieces_read = 0;
    server.handler = [&](Request&, Responder responder) {
      responder.send(std::move(Response(200).set_body(std::make_unique<Letters>(server.loop, piece, count))));
    };
    TestClient client = server.connect();
    client.stop_reading();
    client.send(get_a);
    std::size_t before = 0;
    do {
      before = Letters::pieces_read;
      Alarm later(server.loop, 50ms);
      server.run_until_true([&] { return later.has_rung(); });
    } while (Letters::pieces_read != before);
    CHECK(before > 4);
    CHECK(before < 300);  // the kernel's buffers hold some
    client.listen();
    CHECK(client.answer().body.size() == piece * count);
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
