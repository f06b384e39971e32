#include "http/connection.h"

#include <doctest/doctest.h>

#include <chrono>
#include <ostream>

#include "http/error_page.h"
#include "tests/http/test_bodies.h"
#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view get_b = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
std::string post(std::string_view headers, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

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
      server.plan = [](const Request&, Incoming&) { return BodyPlan::refuse(error_page(413, "no")); };
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
    server.plan = [](const Request&, Incoming&) { return BodyPlan::drop(); };
    TestClient client = server.connect();
    client.send("GET /g HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /");
    CHECK(client.answer().body == "GET /g ");
    server.plan = [](const Request&, Incoming&) { return BodyPlan::refuse(error_page(405, "no")); };
    client.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
    CHECK(client.answer().status == 405);
    client.send(get_a);
    CHECK(client.answer().body == "GET /a ");
  }

  TEST_CASE("closes after an unwanted body that is too long to drop") {
    TestServer server({.max_dropped_body = 10});
    server.plan = [](const Request&, Incoming&) { return BodyPlan::refuse(error_page(405, "no")); };
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
}
