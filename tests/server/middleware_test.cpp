#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/folder.h"
#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using Refusal = Http::Refusal;

std::optional<Refusal> refuse_everything(const Request&) {
  return Refusal{418, "not today"};
}

// Everything that a server can serve.
void serve_all(TestServer& server, const Folder& folder) {
  server->http().files("/files", folder.path.string());
  server->http().get("/route", [](const Request&, Response response) { response.send(200, "a/b", "x"); });
  server->http().post("/route", [](const Request&, Response response) { response.send(200, "a/b", "x"); });
  server->websocket("/raw", {});
  server->native_events("/native", "/");
  server->engine("/bare", {});
}

}  // namespace

TEST_SUITE("http().use") {
  TEST_CASE("looks at requests in the order of registration, until one refuses") {
    std::string order;
    TestServer server;
    const auto add = [&](char name, std::string refused) {
      server->http().use([&order, name, refused](const Request& request) -> std::optional<Refusal> {
        order += name;
        if (request.path() == refused) return Refusal{.text = std::string("by ") + name};
        return std::nullopt;
      });
    };
    add('a', "/a");
    add('b', "/b");
    add('c', "/c");
    server->http().get("/d", [&](const Request&, Response response) { response.send(200, "a/b", "x"); });
    struct Case {
      std::string path;
      int status;
      const char* order;
      const char* body;
    };
    for (const Case& one : std::vector<Case>{{"/a", 403, "a", "by a"},
                                             {"/b", 403, "ab", "by b"},
                                             {"/c", 403, "abc", "by c"},
                                             {"/d", 200, "abc", "x"}}) {
      CAPTURE(one.path);
      order.clear();
      const HttpAnswer answer = server.ask({.line = "GET " + one.path});
      CHECK(answer.status == one.status);
      CHECK(answer.body == one.body);
      CHECK(order == one.order);
    }
  }

  TEST_CASE("stands before files, routes, missing ones, WebSockets and Engine.IO") {
    const Folder folder;
    std::ofstream(folder.path / "a.txt") << "a file";
    struct Case {
      std::string target;
      bool is_upgrade;
      int passed;  // the status without the middleware
    };
    const std::vector<Case> cases{{"/files/a.txt", false, 200}, {"/route", false, 200},
                                  {"/missing", false, 404},     {"/socket.io/missing.js", false, 404},
                                  {"/raw", false, 426},         {"/raw", true, 101},
                                  {"/native", true, 101},       {"/missing", true, 404}};
    for (const bool refuses : {false, true}) {
      TestServer server;
      serve_all(server, folder);
      if (refuses) server->http().use(refuse_everything);
      for (const Case& one : cases) {
        CAPTURE(refuses);
        CAPTURE(one.target);
        CAPTURE(one.is_upgrade);
        HttpClient client = server.http_client();
        client.raw().send(one.is_upgrade ? upgrade_request({.target = one.target})
                                         : text_of({.line = "GET " + one.target}));
        const HttpAnswer answer = client.read();
        CHECK(answer.status == (refuses ? 418 : one.passed));
        if (refuses) CHECK(answer.body == "not today");
      }
    }
  }

  TEST_CASE("is asked about every request of a session; Engine.IO refuses with code 3") {
    for (const std::string path : {"/socket.io/", "/bare"}) {
      CAPTURE(path);
      bool refuses = false;
      TestServer server;
      server->engine("/bare", {});
      server->http().use(
          [&](const Request& request) { return refuses ? refuse_everything(request) : std::nullopt; });
      PollingClient client = server.poll({.path = path});
      refuses = true;
      const std::string refused = R"({"code":3,"message":"Bad request"})";
      CHECK(server.ask({.line = "GET " + path + "?EIO=4&transport=polling"}).body == refused);
      CHECK(client.post("4x").body == refused);
      CHECK(client.poll().body == refused);
      CHECK(server.websocket(client.upgrade_target()).status() == 400);
      refuses = false;
      CHECK(client.post("3").body == "ok");  // the session has not suffered
    }
  }

  TEST_CASE("that throws answers 500, also to Engine.IO, and the problem has the path") {
    TestServer server;
    server->http().use([](const Request&) -> std::optional<Refusal> { throw std::runtime_error("no luck"); });
    std::size_t heard = 0;
    for (const std::string path : {"/route", "/socket.io/"}) {
      CAPTURE(path);
      CHECK(server.ask({.line = "GET " + path}).status == 500);
      CHECK(server.websocket(path).status() == 500);
      REQUIRE(server.problems.size() == heard + 2);
      CHECK(server.problems[heard].where == Problem::Where::http);
      CHECK(server.problems[heard].event == path);
      CHECK(server.problems[heard].text == "no luck");
      heard += 2;
    }
  }

  TEST_CASE("sees the head, once, before the body has come") {
    std::vector<std::string> seen;
    TestServer server;
    const Folder folder;
    serve_all(server, folder);
    server->http().use([&](const Request& request) {
      seen.push_back(std::string(request.header("X-Part")) + std::string(request.body()));
      return std::nullopt;
    });
    HttpClient client = server.http_client();
    const std::string request = text_of({"POST /route", "X-Part: 1\r\n", "the body"});
    client.raw().send(request.substr(0, request.size() - 4));
    server.run_until([&] { return !seen.empty(); });
    client.raw().send(request.substr(request.size() - 4));
    CHECK(client.read().status == 200);
    CHECK(seen == std::vector<std::string>{"1"});
  }

  TEST_CASE("refuses a body unread: the connection stays in step") {
    TestServer server;
    const Folder folder;
    serve_all(server, folder);
    server->http().use([](const Request& request) -> std::optional<Refusal> {
      if (request.header("X-Refuse") == "yes") return Refusal{401, "who are you"};
      return std::nullopt;
    });
    HttpClient client = server.http_client();
    const HttpAnswer refused = client.ask({"POST /route", "X-Refuse: yes\r\n", std::string(100'000, 'x')});
    CHECK(refused.status == 401);
    CHECK(refused.body == "who are you");
    CHECK(client.ask({"POST /route", {}, "x"}).status == 200);
  }

  TEST_CASE("is added before listen only") {
    TestServer server;
    static_cast<void>(server.port());
    CHECK_THROWS_AS(server->http().use(refuse_everything), std::logic_error);
  }
}

}  // namespace banter::test
