#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

const HttpRequest open_polling{.line = "GET /socket.io/?EIO=4&transport=polling"};

// The answer to a WebSocket's handshake.
HttpAnswer open_websocket(TestServer& server, const Opening& opening = {}) {
  HttpClient client = server.http_client();
  client.raw().send(upgrade_request(opening));
  return client.read();
}

std::string sid_in(const HttpAnswer& opened) {
  return json::parse(opened.body.substr(1))["sid"].get<std::string>();
}

}  // namespace

TEST_SUITE("headers of answers") {
  TEST_CASE("on_initial_headers adds to the answer that opens a session, once") {
    int called = 0;
    TestServer server;
    server->on_initial_headers([&](const Request& request, AnswerHeaders& headers) {
      ++called;
      headers.add("X-First", request.query("token").value_or("none"));
    });
    PollingClient client = server.poll({.query = "&token=1"});
    CHECK(client.opened().header("X-First") == "1");
    CHECK(open_websocket(server).header("x-first") == "none");
    CHECK(called == 2);
    client.send("0");
    CHECK(client.posts().ask({"GET " + client.target(), {}, {}}).header("X-First").empty());
    CHECK(open_websocket(server, {.target = client.upgrade_target()}).header("X-First").empty());
    CHECK(server.ask({.line = "GET /socket.io/?EIO=3&transport=polling"}).header("X-First").empty());
    CHECK(called == 2);
  }

  TEST_CASE("on_headers adds to every answer of Engine.IO, errors and what HTTP itself says included") {
    struct Case {
      std::string name;
      HttpAnswer (*ask)(TestServer&, PollingClient&);
      int status;
    };
    const std::vector<Case> cases{
        {"handshake", [](auto& server, auto&) { return server.ask(open_polling); }, 200},
        {"101", [](auto& server, auto&) { return open_websocket(server); }, 101},
        {"upgrade",
         [](auto& server, auto& client) {
           return open_websocket(server, {.target = client.upgrade_target()});
         },
         101},
        {"post", [](auto&, auto& client) { return client.post("40"); }, 200},
        {"poll",
         [](auto&, auto& client) {
           client.send("0/other,");
           return client.poll();
         },
         200},
        {"refusal", [](auto& server, auto&) { return server.ask({.line = "GET /socket.io/"}); }, 400},
        {"refused WebSocket",
         [](auto& server, auto&) { return open_websocket(server, {.target = "/socket.io/?EIO=4"}); }, 400},
        {"method", [](auto& server, auto& client) { return server.ask({.line = "PUT " + client.target()}); },
         405},
        {"body too long", [](auto&, auto& client) { return client.post(std::string(2000, '4')); }, 413},
        {"bad packet", [](auto&, auto& client) { return client.post("x"); }, 400},
    };
    TestServer server({.max_payload = 1024});
    server->on_headers(
        [](const Request& request, AnswerHeaders& headers) { headers.add("X-Always", request.method()); });
    server->http().get("/route", [](const Request&, Response response) { response.send(200, "a/b", "x"); });
    for (const Case& one : cases) {
      CAPTURE(one.name);
      PollingClient client = server.poll();
      const HttpAnswer answer = one.ask(server, client);
      CHECK(answer.status == one.status);
      CHECK_FALSE(answer.header("X-Always").empty());
    }
    CHECK(server.ask({.line = "GET /route"}).header("X-Always").empty());
    CHECK(server.ask({.line = "GET /nothing"}).header("X-Always").empty());
  }

  TEST_CASE("what cannot be a field throws there, is reported, and the answer goes out without it") {
    struct Case {
      std::string name;
      const char* value;
    };
    for (const Case& one : std::vector<Case>{
             {"X Y", "a"}, {"", "a"}, {"X-A", "a\r\nX-B: b"}, {"Content-Length", "0"}, {"Date", "now"}}) {
      for (const bool is_initial : {true, false}) {
        CAPTURE(one.name);
        CAPTURE(is_initial);
        bool has_thrown = false;
        const auto add = [&](const Request&, AnswerHeaders& headers) {
          headers.add("X-Good", "kept");
          has_thrown = true;
          headers.add(one.name, one.value);
          has_thrown = false;
        };
        TestServer server;
        is_initial ? server->on_initial_headers(add) : server->on_headers(add);
        for (const HttpAnswer& answer : {server.ask(open_polling), open_websocket(server)}) {
          CHECK(has_thrown);
          CHECK((answer.status == 200 || answer.status == 101));
          CHECK(answer.header("X-Good") == "kept");
          CHECK(answer.headers("X-B").empty());
        }
        REQUIRE(server.problems.size() == 2);
        CHECK(server.problems[0].where == Problem::Where::http);
        CHECK(server.problems[0].event == "/socket.io/");
      }
    }
  }
}

TEST_SUITE("the cookie of a session") {
  TEST_CASE("is not there unless it is asked for") {
    TestServer server;
    CHECK(server.ask(open_polling).headers("Set-Cookie").empty());
    CHECK(open_websocket(server).headers("Set-Cookie").empty());
  }

  TEST_CASE("has the session's id and the attributes of the options") {
    using SameSite = CookieOptions::SameSite;
    struct Case {
      CookieOptions options;
      std::string before;  // the id
      std::string behind;
    };
    const std::vector<Case> cases{
        {{}, "io=", "; Path=/; HttpOnly; SameSite=Lax"},
        {{.name = "my-io", .path = "/chat", .http_only = false, .same_site = SameSite::strict},
         "my-io=",
         "; Path=/chat; SameSite=Strict"},
        {{.domain = "example.org", .secure = true, .same_site = SameSite::none, .max_age = 3600s},
         "io=",
         "; Path=/; Domain=example.org; Max-Age=3600; HttpOnly; Secure; SameSite=None"},
    };
    for (const Case& one : cases) {
      CAPTURE(one.behind);
      TestServer server({.cookie = one.options});
      const HttpAnswer polling = server.ask(open_polling);
      CHECK(polling.header("Set-Cookie") == one.before + sid_in(polling) + one.behind);
      HttpClient websocket = server.http_client();
      websocket.raw().send(upgrade_request({}));
      const std::string cookie = websocket.read().header("Set-Cookie");
      const std::string frame = websocket.raw().read(2);
      const std::string opened = websocket.raw().read(static_cast<unsigned char>(frame[1]));
      CHECK(cookie == one.before + sid_in({.body = opened}) + one.behind);
    }
  }

  TEST_CASE("comes with the handshake alone, and beside those that the application sets") {
    TestServer server({.cookie = CookieOptions{}});
    server->on_headers([](const Request&, AnswerHeaders& headers) { headers.add("Set-Cookie", "mine=1"); });
    PollingClient client = server.poll();
    CHECK(client.opened().headers("Set-Cookie").size() == 2);
    CHECK(client.post("40").headers("Set-Cookie") == std::vector<std::string>{"mine=1"});
    CHECK(client.poll().headers("Set-Cookie") == std::vector<std::string>{"mine=1"});
    const HttpAnswer upgraded = open_websocket(server, {.target = client.upgrade_target()});
    CHECK(upgraded.status == 101);
    CHECK(upgraded.headers("Set-Cookie") == std::vector<std::string>{"mine=1"});
  }
}

}  // namespace banter::test
