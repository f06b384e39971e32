#include "http/router.h"

#include <doctest/doctest.h>

#include <ostream>
#include <stdexcept>

#include "tests/http/test_server.h"

using namespace banter;
using namespace banter::http;

namespace {

// A server whose requests go through a router; each route answers with its name and its parameters.
struct RoutedServer {
  RoutedServer() {
    server.handler = [this](Request& request, Responder responder) {
      router.route(request, std::move(responder));
    };
  }
  Router::Handler says(std::string name) {
    return [name](Request& request, const Params& params, Responder responder) {
      std::string text = name;
      for (const char* param : {"a", "b"})
        text += "|" + std::string(params.get(param));
      responder.send(200, "text/plain", text + "|" + request.method);
    };
  }
  Answer ask(const std::string& method, const std::string& target) {
    TestClient client = server.connect();
    client.send(method + " " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.answer(method);
  }

  Router router;
  TestServer server;
};

}  // namespace

TEST_SUITE("http router") {
  TEST_CASE("finds exact routes before patterns, and patterns in their order") {
    RoutedServer routed;
    routed.router.get("/", routed.says("root"));
    routed.router.get("/room/:a", routed.says("one"));
    routed.router.get("/room/:b", routed.says("never"));
    routed.router.get("/room/lobby", routed.says("lobby"));
    routed.router.get("/:a/x/:b", routed.says("two"));
    routed.router.post("/room/:a", routed.says("posted"));
    routed.router.mount("/", routed.says("mount"));
    routed.router.mount("/files/", routed.says("files"));
    struct Row {
      const char* method;
      const char* target;
      const char* body;
    };
    for (const Row& row : {
             Row{"GET", "/", "root|||GET"},
             Row{"GET", "/?a=b", "root|||GET"},
             Row{"GET", "/room/kitchen", "one|kitchen||GET"},
             Row{"GET", "/room/lobby", "lobby|||GET"},
             Row{"GET", "/room/a%2Fb%20c+", "one|a/b c+||GET"},
             Row{"GET", "/r%6Fom/x", "one|x||GET"},
             Row{"GET", "/1/x/2", "two|1|2|GET"},
             Row{"POST", "/room/7", "posted|7||POST"},
             Row{"GET", "/room/", "mount|||GET"},
             Row{"GET", "/room/a/b", "mount|||GET"},
             Row{"GET", "/files", "files|||GET"},
             Row{"GET", "/files/x", "files|||GET"},
             Row{"GET", "/filesystem", "mount|||GET"},
         }) {
      CAPTURE(row.target);
      CHECK(routed.ask(row.method, row.target).body == row.body);
    }
  }

  TEST_CASE("serves HEAD with what serves GET") {
    RoutedServer routed;
    routed.router.get("/", routed.says("root"));
    const Answer answer = routed.ask("HEAD", "/");
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Length") == "11");
  }

  TEST_CASE("answers 404, and 405 with what is allowed") {
    RoutedServer routed;
    routed.router.get("/a", routed.says(""));
    routed.router.post("/:a", routed.says(""));
    routed.router.add("DELETE", "/a", routed.says(""));
    routed.router.mount("/files", routed.says(""));
    const Answer missing = routed.ask("GET", "/no/<b>");
    CHECK(missing.status == 404);
    CHECK(missing.body.find("There is nothing at /no/&lt;b&gt;") != std::string::npos);

    const Answer refused = routed.ask("PUT", "/a");
    CHECK(refused.status == 405);
    CHECK(refused.header("Allow") == "DELETE, GET, HEAD, POST");
    CHECK(routed.ask("GET", "/b").header("Allow") == "POST");
    CHECK(routed.ask("POST", "/files/x").header("Allow") == "GET, HEAD");
    CHECK(routed.ask("OPTIONS", "*").status == 404);
  }

  TEST_CASE("knows which requests have a use for their body") {
    Router router;
    router.post("/upload/:name", [](Request&, const Params&, Responder) {});
    Request request;
    request.method = "POST";
    request.raw_path = "/upload/x";
    CHECK(router.wants_body(request));
    request.raw_path = "/upload/";
    CHECK_FALSE(router.wants_body(request));
    request.method = "PUT";
    request.raw_path = "/upload/x";
    CHECK_FALSE(router.wants_body(request));
  }

  TEST_CASE("a handler that throws costs its request a 500 and nothing else") {
    RoutedServer routed;
    std::string reported;
    routed.router.set_error_handler([&](const Request& request, std::exception_ptr error) {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& caught) {
        reported = request.path + ": " + caught.what();
      }
    });
    routed.router.get("/early", [](Request&, const Params&, Responder) { throw std::runtime_error("oops"); });
    routed.router.get("/late", [](Request&, const Params&, Responder responder) {
      responder.send(200, "text/plain", "sent");
      throw std::runtime_error("after");
    });
    CHECK(routed.ask("GET", "/early").status == 500);
    CHECK(reported == "/early: oops");
    CHECK(routed.ask("GET", "/late").body == "sent");
    CHECK(reported == "/late: after");
  }

  TEST_CASE("refuses a pattern that cannot work, naming it") {
    Router router;
    const auto add = [&](const char* pattern) {
      router.get(pattern, [](Request&, const Params&, Responder) {});
    };
    add("/a/:b");
    CHECK_THROWS_WITH_AS(add("a"), "route \"a\": must begin with a slash", std::invalid_argument);
    CHECK_THROWS_WITH_AS(add(""), "route \"\": must begin with a slash", std::invalid_argument);
    CHECK_THROWS_WITH_AS(add("/:"), "route \"/:\": a parameter needs a name", std::invalid_argument);
    CHECK_THROWS_WITH_AS(add("/:a/:a"), "route \"/:a/:a\": two parameters have the same name",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(add("/a/:b"), "route \"/a/:b\": GET was added before", std::invalid_argument);
    CHECK_THROWS_WITH_AS(router.mount("x", {}), "prefix \"x\": must begin with a slash",
                         std::invalid_argument);
  }
}
