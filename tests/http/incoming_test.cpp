#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view sized = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
constexpr std::string_view chunked = "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

// Follows the bodies of a server's requests, as a polling session does with its POST.
struct Follower {
  explicit Follower(TestServer& server, std::size_t max = 1000) {
    server.plan = [this, max](const Request&, Incoming& link) {
      incoming = std::move(link);
      incoming.on_gone([this] {
        CHECK_FALSE(incoming.is_open());
        ++gone;
      });
      return BodyPlan::read(max);
    };
  }

  Incoming incoming;
  int gone = 0;
};

}  // namespace

TEST_SUITE("http incoming request") {
  TEST_CASE("the complete request goes to whoever follows it, however its body is cut") {
    const std::string request = std::string(chunked) + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    for (std::size_t cut = chunked.size(); cut < request.size(); ++cut) {
      CAPTURE(cut);
      TestServer server;
      Follower follower(server);
      std::string body;
      server.plan = [&](const Request&, Incoming& link) {
        follower.incoming = std::move(link);
        follower.incoming.on_gone([&] { ++follower.gone; });
        follower.incoming.on_complete([&](Request& complete, Responder responder) {
          CHECK_FALSE(follower.incoming.is_open());
          body = complete.body;
          responder.send(200, "text/html", "ok");
        });
        return BodyPlan::read(5);
      };
      TestClient client = server.connect();
      client.send(request.substr(0, cut));
      server.run_until_true([&] { return follower.incoming.is_open(); });
      client.send(request.substr(cut));
      CHECK(client.answer().body == "ok");
      CHECK(body == "hello");
      CHECK(server.paths.empty());
      CHECK(follower.gone == 0);
    }
  }

  TEST_CASE("without on_complete, or with nobody left to follow, the handler gets the request") {
    TestServer server;
    Follower follower(server);
    SUBCASE("no callback") {}
    SUBCASE("not moved out") {
      server.plan = [](const Request&, Incoming& link) {
        link.on_complete([](Request&, Responder) { CHECK(false); });
        return BodyPlan::read(5);
      };
    }
    TestClient client = server.connect();
    client.send(std::string(sized) + "hello");
    CHECK(client.answer().body == "POST /p hello");
    CHECK(follower.gone == 0);
    CHECK_FALSE(follower.incoming.is_open());
  }

  TEST_CASE("a follower that has been destroyed is not called") {
    TestServer server;
    auto follower = std::make_unique<Follower>(server);
    TestClient client = server.connect();
    client.send(std::string(sized) + "hel");
    server.run_until_true([&] { return follower->incoming.is_open(); });
    follower->incoming.on_complete([](Request&, Responder) { CHECK(false); });
    follower.reset();
    SUBCASE("when the body is complete") {
      client.send("lo");
      CHECK(client.answer().body == "POST /p hello");
    }
    SUBCASE("when the client goes") {
      client.close();
      server.run_until_true([&] { return server.connections.size() == 0; });
    }
  }

  TEST_CASE("a body that will never be complete is told once") {
    struct Row {
      const char* what;
      int status;  // 0: without an answer
    };
    for (const Row& row : {Row{"reset", 0}, Row{"closed", 0}, Row{"server closed", 0}, Row{"too slow", 408},
                           Row{"malformed", 400}}) {
      CAPTURE(row.what);
      const std::string_view what = row.what;
      Settings settings;
      settings.body_timeout = what == "too slow" ? 20ms : 10s;
      settings.stream.high_water = 10;  // the answer has not gone out when it is told
      TestServer server(settings);
      Follower follower(server);
      TestClient client = server.connect();
      client.send(std::string(chunked) + "5\r\nhel");
      server.run_until_true([&] { return follower.incoming.is_open(); });
      if (what == "reset") client.reset();
      if (what == "closed") client.close();
      if (what == "server closed") server.connections.close_all();
      if (what == "malformed") client.send("loX");
      server.run_until_true([&] { return follower.gone > 0; });
      CHECK_FALSE(follower.incoming.is_open());
      if (row.status) CHECK(client.answer().status == row.status);
      server.run_until_true([&] { return server.connections.size() == 0; });
      CHECK(follower.gone == 1);
      CHECK(server.paths.empty());
    }
  }

  TEST_CASE("on_gone may destroy the follower or close every connection") {
    for (const std::string_view rest : {"loX", ""}) {
      for (const bool closes_all : {false, true}) {
        CAPTURE(rest);
        CAPTURE(closes_all);
        TestServer server({.body_timeout = 20ms});
        auto follower = std::make_unique<Follower>(server);
        TestClient client = server.connect();
        client.send(std::string(chunked) + "5\r\nhel");
        server.run_until_true([&] { return follower->incoming.is_open(); });
        follower->incoming.on_gone([&] {
          follower.reset();
          if (closes_all) server.connections.close_all();
        });
        client.send(rest);
        server.run_until_true([&] { return !follower && server.connections.size() == 0; });
        CHECK(server.paths.empty());
      }
    }
  }

  TEST_CASE("on_complete may destroy the follower or close every connection") {
    for (const bool closes_all : {false, true}) {
      CAPTURE(closes_all);
      TestServer server;
      auto follower = std::make_unique<Follower>(server);
      TestClient client = server.connect();
      client.send(sized);
      server.run_until_true([&] { return follower->incoming.is_open(); });
      follower->incoming.on_complete([&](Request& request, Responder responder) {
        follower.reset();
        if (closes_all) server.connections.close_all();
        CHECK(responder.is_open() != closes_all);
        responder.send(200, "text/plain", request.body);
      });
      client.send("hello");
      if (closes_all) client.wait_for_end();
      if (!closes_all) CHECK(client.answer().body == "hello");
      CHECK_FALSE(follower);
    }
  }

  TEST_CASE("abort closes the connection without an answer or a call") {
    TestServer server;
    Follower follower(server);
    TestClient client = server.connect();
    SUBCASE("while the body is read") {
      client.send(std::string(sized) + "hel");
      server.run_until_true([&] { return follower.incoming.is_open(); });
      follower.incoming.abort();
    }
    SUBCASE("from inside on_head, with the body behind it") {
      server.plan = [&](const Request&, Incoming& link) {
        link.on_gone([&] { ++follower.gone; });
        link.abort();
        CHECK_FALSE(link.is_open());
        return BodyPlan::read(5);
      };
      client.send(std::string(sized) + "hello" + std::string(get_a));
    }
    client.wait_for_end();
    CHECK(client.received().empty());
    CHECK(follower.gone == 0);
    CHECK_FALSE(follower.incoming.is_open());
    CHECK(server.paths.empty());
    follower.incoming.abort();  // of nothing
    CHECK(server.connections.size() == 0);
  }

  TEST_CASE("following another request lets go of the first, whose connection goes on") {
    TestServer server;
    Follower follower(server);
    TestClient first = server.connect();
    TestClient second = server.connect();
    first.send(std::string(sized) + "hel");
    server.run_until_true([&] { return follower.incoming.is_open(); });
    Incoming kept = std::move(follower.incoming);
    CHECK_FALSE(follower.incoming.is_open());
    second.send(sized);
    server.run_until_true([&] { return follower.incoming.is_open(); });
    kept = std::move(follower.incoming);
    second.close();
    server.run_until_true([&] { return follower.gone == 1; });
    CHECK_FALSE(kept.is_open());
    first.send("lo");
    CHECK(first.answer().body == "POST /p hello");
  }

  TEST_CASE("a body that is too long gets the handler's 413, and nobody is called") {
    struct Row {
      const char* framing;
      std::string body;
    };
    for (const Row& row : {Row{"Content-Length: 6\r\n", ""}, Row{"Content-Length: 6\r\n", "hello "},
                           Row{"Content-Length: 6\r\nExpect: 100-continue\r\n", ""},
                           Row{"Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n1\r\n!"}}) {
      for (const bool has_own : {true, false}) {
        CAPTURE(row.framing);
        CAPTURE(has_own);
        TestServer server;
        Follower follower(server);
        server.plan = [&](const Request&, Incoming& link) {
          follower.incoming = std::move(link);
          follower.incoming.on_gone([&] { ++follower.gone; });
          follower.incoming.on_complete([](Request&, Responder) { CHECK(false); });
          return has_own ? BodyPlan::read(5, Response(413)) : BodyPlan::read(5);
        };
        TestClient client = server.connect();
        client.send("POST /p HTTP/1.1\r\nHost: x\r\n" + std::string(row.framing) + "\r\n" + row.body);
        const Answer answer = client.answer();
        CHECK(answer.status == 413);
        CHECK(answer.header("Connection") == "close");
        CHECK(answer.body.empty() == has_own);
        CHECK_FALSE(follower.incoming.is_open());
        client.send(std::string(100'000, 'a') + std::string(get_a));
        client.wait_for_end();
        CHECK_FALSE(client.was_reset());
        CHECK(client.received().empty());
        CHECK(follower.gone == 0);
        CHECK(server.paths.empty());
        CHECK(server.counters.client_errors.value() == 1);
      }
    }
  }

  TEST_CASE("the answer to a body that is too long is not used for one that is not") {
    TestServer server;
    server.plan = [](const Request&, Incoming&) { return BodyPlan::read(5, Response(413)); };
    TestClient client = server.connect();
    client.send(std::string(sized) + "hello" + std::string(sized) + "again");
    CHECK(client.answer().body == "POST /p hello");
    CHECK(client.answer().body == "POST /p again");
    server.plan = [](const Request&, Incoming&) { return BodyPlan::drop(); };
    client.send(std::string(sized) + "hello");
    CHECK(client.answer().body == "POST /p ");
  }

  TEST_CASE("a refused body is followed to its end, and answered by the plan") {
    TestServer server;
    Follower follower(server);
    server.plan = [&](const Request&, Incoming& link) {
      follower.incoming = std::move(link);
      follower.incoming.on_gone([&] { ++follower.gone; });
      follower.incoming.on_complete([](Request&, Responder) { CHECK(false); });
      return BodyPlan::refuse(Response(400));
    };
    TestClient client = server.connect();
    client.send(std::string(sized) + "hel");
    server.run_until_true([&] { return follower.incoming.is_open(); });
    client.send("lo");
    CHECK(client.answer().status == 400);
    CHECK_FALSE(follower.incoming.is_open());
    CHECK(follower.gone == 0);
    client.send(get_a);
    CHECK(client.answer().body == "GET /a ");
  }
}
