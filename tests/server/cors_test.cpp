#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view evil = "http://evil.example";

std::string origin_field(std::string_view origin) {
  return "Origin: " + std::string(origin) + "\r\n";
}

void add_endpoints(TestServer& server) {
  server->engine("/bare", {});
  server->http().get("/route", [](const Request&, Response response) { response.send(200, "a/b", "x"); });
}

}  // namespace

TEST_SUITE("CORS") {
  TEST_CASE("is told to simple requests, of Engine.IO and of routes, and on errors") {
    struct Case {
      CorsOptions cors;
      const char* origin;
      std::string allowed;  // Access-Control-Allow-Origin
      const char* vary;
    };
    const CorsOptions listed{.origins = {"https://a.example", "https://b.example"}};
    const CorsOptions asked{.allow = [](std::string_view origin) { return origin == "https://c.example"; }};
    const std::vector<Case> cases{
        {{}, "https://a.example", "", ""},
        {{.origins = {"*"}}, "https://a.example", "*", ""},
        {{.origins = {"https://a.example"}}, "https://a.example", "https://a.example", "Origin"},
        {{.origins = {"https://a.example"}}, "https://b.example", "https://a.example", "Origin"},
        {listed, "https://b.example", "https://b.example", "Origin"},
        {listed, "https://c.example", "", "Origin"},
        {asked, "https://c.example", "https://c.example", "Origin"},
        {asked, "https://a.example", "", "Origin"},
    };
    for (const Case& one : cases) {
      TestServer server({.cors = one.cors});
      add_endpoints(server);
      for (const std::string target :
           {"/socket.io/?EIO=4&transport=polling", "/socket.io/", "/bare", "/route", "/missing"}) {
        CAPTURE(target);
        CAPTURE(one.allowed);
        const HttpAnswer answer = server.ask({"GET " + target, origin_field(one.origin), {}});
        CHECK(answer.header("Access-Control-Allow-Origin") == one.allowed);
        CHECK(answer.header("Vary") == one.vary);
      }
    }
  }

  TEST_CASE("in full: credentials, exposed headers, and what a preflight is told") {
    TestServer server({.cors = {.origins = {"https://a.example", "https://b.example"},
                                .credentials = true,
                                .methods = {"GET", "POST"},
                                .allowed_headers = {"X-Token", "X-Other"},
                                .max_age = 600s,
                                .exposed_headers = {"X-Left", "X-Right"}}});
    add_endpoints(server);
    server->http().use([](const Request&) { return Http::Refusal{.text = "not for preflights"}; });
    const std::string from_b = origin_field("https://b.example");
    const std::string asks = "Access-Control-Request-Method: POST\r\n";
    for (const std::string target : {"/socket.io/?EIO=4&transport=polling", "/route"}) {
      CAPTURE(target);
      const HttpAnswer preflight = server.ask({"OPTIONS " + target, from_b + asks, {}});
      CHECK(preflight.status == 204);
      CHECK(preflight.header("Content-Length") == "0");
      CHECK(preflight.header("Access-Control-Allow-Origin") == "https://b.example");
      CHECK(preflight.header("Access-Control-Allow-Credentials") == "true");
      CHECK(preflight.header("Access-Control-Allow-Methods") == "GET,POST");
      CHECK(preflight.header("Access-Control-Allow-Headers") == "X-Token,X-Other");
      CHECK(preflight.header("Access-Control-Max-Age") == "600");
      CHECK(preflight.header("Vary") == "Origin");

      const HttpAnswer simple = server.ask({"GET " + target, from_b, {}});
      CHECK(simple.header("Access-Control-Allow-Origin") == "https://b.example");
      CHECK(simple.header("Access-Control-Allow-Credentials") == "true");
      CHECK(simple.header("Access-Control-Expose-Headers") == "X-Left,X-Right");
      CHECK(simple.header("Access-Control-Allow-Methods").empty());

      const HttpAnswer refused = server.ask({"OPTIONS " + target, origin_field(evil) + asks, {}});
      CHECK(refused.header("Access-Control-Allow-Origin").empty());
      CHECK(refused.header("Access-Control-Allow-Credentials").empty());
    }
  }

  TEST_CASE("a preflight is told every usual method, and the headers that it asks for") {
    TestServer server({.cors = {.origins = {"*"}}});
    const HttpAnswer preflight =
        server.ask({"OPTIONS /socket.io/?EIO=4&transport=polling",
                    origin_field(evil) + "Access-Control-Request-Method: POST\r\n"
                                         "Access-Control-Request-Headers: x-token, x-other\r\n",
                    {}});
    CHECK(preflight.status == 204);
    CHECK(preflight.header("Access-Control-Allow-Origin") == "*");
    CHECK(preflight.header("Access-Control-Allow-Methods") == "GET,HEAD,PUT,PATCH,POST,DELETE");
    CHECK(preflight.header("Access-Control-Allow-Headers") == "x-token, x-other");
    CHECK(preflight.header("Vary") == "Access-Control-Request-Headers");
    CHECK(preflight.headers("Access-Control-Max-Age").empty());
  }
}

}  // namespace banter::test
