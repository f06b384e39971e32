#include <doctest/doctest.h>

#include <chrono>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view upgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

std::string post(std::string_view framing, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: x\r\n" + std::string(framing) + "\r\n" + std::string(body);
}

}  // namespace

TEST_SUITE("http headers of every answer") {
  TEST_CASE("a header that was added is on the answer, whatever its status, and on no later one") {
    for (const int status : {200, 204, 304, 404, 500}) {
      CAPTURE(status);
      TestServer server;
      server.handler = [&](Request& request, Responder responder) {
        if (request.path == "/a") responder.add_header("X-Policy", "on");
        if (status != 500) responder.send(Response(status));
      };  // nobody answers: 500
      TestClient client = server.connect();
      client.send(get_a);
      const Answer answer = client.answer();
      CHECK(answer.status == status);
      CHECK(answer.header("X-Policy") == "on");
      client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
      CHECK(client.answer().header("X-Policy").empty());
    }
  }

  TEST_CASE("what the answer sets itself stays, and Vary and Set-Cookie are sent beside it") {
    TestServer server;
    server.handler = [](Request&, Responder responder) {
      responder.add_header("x-frame", "added");
      responder.add_header("Vary", "Origin");
      responder.add_header("Set-Cookie", "a=1");
      responder.add_header("Link", "</1>");
      responder.add_header("Link", "</2>");
      Response response(200);
      response.set_header("X-Frame", "own").set_header("Vary", "Accept-Encoding");
      responder.send(std::move(response.set_header("Set-Cookie", "b=2")));
    };
    TestClient client = server.connect();
    client.send(get_a);
    const std::string head = client.answer().head;
    CHECK(head.find("X-Frame: own\r\nVary: Accept-Encoding\r\nSet-Cookie: b=2\r\n"
                    "Vary: Origin\r\nSet-Cookie: a=1\r\nLink: </1>\r\nLink: </2>\r\n") != std::string::npos);
  }

  TEST_CASE("what is added while the body is on its way is on the handler's answer and on the connection's") {
    struct Row {
      std::string request;
      int status;
    };
    for (const Row& row :
         {Row{post("Content-Length: 5\r\n", "hello"), 200}, Row{post("Content-Length: 6\r\n", "hello "), 413},
          Row{post("Transfer-Encoding: chunked\r\n", "6\r\nhello \r\n"), 413},
          Row{post("Transfer-Encoding: chunked\r\n", "x\r\n"), 400},
          Row{post("Content-Length: 5\r\n", "hel"), 408}}) {
      CAPTURE(row.request);
      TestServer server({.body_timeout = 20ms});
      server.plan = [](const Request&, Incoming& incoming) {
        incoming.add_header("X-Policy", "on");
        return BodyPlan::read(5);
      };
      TestClient client = server.connect();
      client.send(row.request);
      const Answer answer = client.answer();
      CHECK(answer.status == row.status);
      CHECK(answer.header("X-Policy") == "on");
    }
  }

  TEST_CASE("of an upgrade they go on the refusal, or are taken for the head that accepts it") {
    TestServer server;
    TestClient client = server.connect();
    SUBCASE("refused") {
      server.upgrade_handler = [](Request&, Upgrade undecided) {
        undecided.add_header("X-Policy", "on");
        undecided.refuse(Response(403));
      };
      client.send(upgrade);
      CHECK(client.answer().header("X-Policy") == "on");
    }
    SUBCASE("accepted") {
      Headers taken;
      server.upgrade_handler = [&](Request&, Upgrade undecided) {
        undecided.add_header("X-Policy", "on");
        taken = undecided.take_headers();
        CHECK(undecided.take_headers().size() == 0);
        server.upgraded.push_back(undecided.accept("HTTP/1.1 101 Switching Protocols\r\n\r\n").stream);
      };
      client.send(upgrade);
      CHECK(client.answer().status == 101);
      CHECK(taken.get("X-Policy") == "on");
      CHECK(taken.size() == 1);
    }
  }

  TEST_CASE("what would break the head is refused, and nothing happens where nobody is there to answer") {
    TestServer server;
    server.handler = [](Request&, Responder responder) {
      CHECK_THROWS_AS(responder.add_header("X", "a\r\nY: b"), std::invalid_argument);
      CHECK_THROWS_AS(responder.add_header("a b", "c"), std::invalid_argument);
      CHECK_THROWS_AS(responder.add_header("Content-Length", "1"), std::invalid_argument);
      responder.send(Response(200));
      responder.add_header("X-Late", "1");
    };
    TestClient client = server.connect();
    client.send(get_a);
    CHECK(client.answer().status == 200);
    client.send(get_a);
    CHECK(client.answer().header("X-Late").empty());
    Upgrade nobody;
    nobody.add_header("X", "y");
    CHECK(nobody.take_headers().size() == 0);
  }
}
