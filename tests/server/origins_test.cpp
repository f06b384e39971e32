#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

constexpr std::string_view evil = "http://evil.example";

std::string origin_field(std::string_view origin) {
  return "Origin: " + std::string(origin) + "\r\n";
}

HttpRequest poll_from(std::string_view origin) {
  return {.line = "GET /socket.io/?EIO=4&transport=polling", .headers = origin_field(origin)};
}

// What on_error has heard of origins.
std::vector<Heard> refusals_of(const TestServer& server) {
  std::vector<Heard> refusals;
  for (const Heard& heard : server.problems) {
    if (heard.where == Problem::Where::origin) refusals.push_back(heard);
  }
  return refusals;
}

void add_endpoints(TestServer& server) {
  server->websocket("/raw", {});
  server->native_events("/native", "/");
  server->engine("/bare", {});
  server->http().get("/route", [](const Request&, Response response) { response.send(200, "a/b", "x"); });
}

const std::vector<std::string> websocket_targets{"/socket.io/?EIO=4&transport=websocket", "/raw", "/native",
                                                 "/bare?EIO=4&transport=websocket"};

}  // namespace

TEST_SUITE("a page of another origin") {
  TEST_CASE("may open a WebSocket, of whatever kind, only if its origin is allowed") {
    struct Case {
      CorsOptions cors;
      const char* origin;  // of the request; null: none
      const char* host;
      bool passes;
    };
    const CorsOptions listed{.origins = {"https://a.example", "http://b.example:81"}};
    const CorsOptions asked{.origins = {"https://a.example"}, .allow = [](std::string_view origin) {
                              return origin.ends_with(".good.example");
                            }};
    const std::vector<Case> cases{
        {{}, nullptr, "localhost", true},
        {{}, "http://localhost", "localhost", true},
        {{}, "http://LOCALHOST", "localhost", true},
        {{}, "http://localhost:80", "localhost", true},
        {{}, "http://localhost", "localhost:80", true},
        {{}, "https://localhost", "localhost", true},
        {{}, "https://localhost:443", "localhost", true},
        {{}, "http://localhost:8080", "localhost:8080", true},
        {{}, "http://[::1]:8080", "[::1]:8080", true},
        {{}, "http://localhost:8080", "localhost", false},
        {{}, "http://localhost", "localhost:8080", false},
        {{}, "http://evil.example", "localhost", false},
        {{}, "null", "localhost", false},
        {{}, "", "localhost", false},
        {{.origins = {"*"}}, "http://evil.example", "localhost", true},
        {{.origins = {"*"}}, "null", "localhost", false},
        {{.origins = {"*"}}, "file://", "localhost", false},
        {{.origins = {"*"}}, "*", "localhost", false},
        {{.origins = {"*", "null"}}, "null", "localhost", true},
        {{.origins = {"file://"}}, "file://", "localhost", true},
        {{.origins = {"file://"}}, "null", "localhost", false},
        {listed, "https://a.example", "localhost", true},
        {listed, "http://b.example:81", "localhost", true},
        {listed, "http://a.example", "localhost", false},
        {listed, "https://a.example.evil", "localhost", false},
        {listed, "https://a.example:444", "localhost", false},
        {listed, "http://b.example", "localhost", false},
        {listed, nullptr, "localhost", true},
        {listed, "http://localhost", "localhost", true},
        {asked, "https://a.example", "localhost", true},
        {asked, "https://x.good.example", "localhost", true},
        {asked, "https://good.example.evil", "localhost", false},
        {asked, nullptr, "localhost", true},
    };
    for (const Case& one : cases) {
      CAPTURE(one.host);
      const std::string origin = one.origin ? one.origin : "(none)";
      CAPTURE(origin);
      TestServer server({.cors = one.cors});
      add_endpoints(server);
      for (const std::string& target : websocket_targets) {
        CAPTURE(target);
        std::string request =
            upgrade_request({.target = target, .headers = one.origin ? origin_field(origin) : ""});
        request.replace(request.find("localhost"), 9, one.host);
        HttpClient client = server.http_client();
        client.raw().send(request);
        CHECK(client.read().status == (one.passes ? 101 : 403));
      }
    }
  }

  TEST_CASE("is refused if the application's predicate throws, and that is reported") {
    TestServer server(
        {.cors = {.allow = [](std::string_view) -> bool { throw std::runtime_error("no luck"); }}});
    add_endpoints(server);
    for (const std::string& target : websocket_targets) {
      CAPTURE(target);
      server.problems.clear();
      CHECK(server.websocket(target, origin_field(evil)).status() == 403);
      REQUIRE_FALSE(server.problems.empty());
      CHECK(server.problems[0].where == Problem::Where::origin);
      CHECK(server.problems[0].event == evil);
      CHECK(server.problems[0].text == "no luck");
    }
    const HttpAnswer answer = server.ask({"GET /route", origin_field(evil), {}});
    CHECK(answer.status == 200);
    CHECK(answer.header("Access-Control-Allow-Origin").empty());
  }

  TEST_CASE("is reported once, with the option that would let it in") {
    TestServer server;
    add_endpoints(server);
    SUBCASE("by WebSocket") {
      for (const std::string& target : websocket_targets)
        CHECK(server.websocket(target, origin_field(evil)).status() == 403);
    }
    SUBCASE("by polling, whose answer its browser keeps from it") {
      CHECK(server.ask(poll_from(evil)).status == 200);
      CHECK(server.ask(poll_from(evil)).header("Access-Control-Allow-Origin").empty());
    }
    const std::vector<Heard> refusals = refusals_of(server);
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].event == "/socket.io/");
    CHECK(refusals[0].text.find("Options::cors.origins = {\"http://evil.example\"}") != std::string::npos);
  }

  TEST_CASE("is not reported if it is allowed, the server's own, or has none") {
    TestServer server({.cors = {.origins = {std::string(evil)}}});
    CHECK(server.ask(poll_from(evil)).status == 200);
    CHECK(server.ask(poll_from("http://localhost")).status == 200);
    CHECK(server.ask({.line = "GET /socket.io/?EIO=4&transport=polling"}).status == 200);
    CHECK(server.problems.empty());
  }

  TEST_CASE("of made-up origins only so many are reported, and of a long one the beginning") {
    TestServer server;
    HttpClient client = server.http_client();
    const std::string long_origin = "http://" + std::string(1000, 'x');
    CHECK(client.ask(poll_from(long_origin)).status == 200);
    for (int i = 0; i < 100; ++i)
      client.ask(poll_from("http://" + std::to_string(i) + ".example"));
    const std::vector<Heard> refusals = refusals_of(server);
    CHECK(refusals.size() == 64);
    CHECK(refusals[0].text.find(long_origin) == std::string::npos);
    CHECK(refusals[0].text.find(long_origin.substr(0, 256)) != std::string::npos);
    std::set<std::string> texts;
    for (const Heard& refusal : refusals)
      texts.insert(refusal.text);
    CHECK(texts.size() == 64);
  }
}

}  // namespace banter::test
