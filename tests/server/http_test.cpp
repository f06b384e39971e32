#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/folder.h"
#include "tests/server/test_server.h"

namespace banter::test {

namespace {

// Sends one request on a connection of its own and answers with everything that comes back.
std::string request(TestServer& server, const std::string& line, const std::string& headers = {},
                    const std::string& body = {}) {
  RawClient client(server.port(), server.turner());
  std::string text = line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  client.send(text + "\r\n" + body);
  return client.read_to_end();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("http() of the facade") {
  TEST_CASE("a request gives its method, path, parameters, query, headers and body") {
    TestServer server;
    server->http().post("/room/:name/:part", [](const Request& request, Response response) {
      std::string text;
      for (const std::string_view part : {request.method(), request.path(), request.param("name"),
                                          request.param("none"), request.header("X-Some"), request.body()})
        text.append(part).append("|");
      text += *request.query("q") + (request.query("none") ? "yes" : "no");
      response.set_header("X-Own", "set").send(201, "text/plain", text);
    });
    const std::string answer =
        request(server, "POST /room/a%20b/c?q=1&q=%3d", "x-some: thing\r\n", "the body");
    CHECK(answer.starts_with("HTTP/1.1 201 Created\r\n"));
    CHECK(has(answer, "X-Own: set\r\n"));
    CHECK(has(answer, "Content-Type: text/plain\r\n"));
    CHECK(has(answer, "\r\n\r\nPOST|/room/a b/c|a b||thing|the body|=no"));
  }

  TEST_CASE("an answer may come later, from another thread, once") {
    TestServer server;
    std::optional<Response> kept;
    server->http().get("/later", [&](const Request&, Response response) { kept = response; });
    RawClient client(server.port(), server.turner());
    client.send("GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    server.run_until([&] { return kept.has_value(); });
    std::thread([&] {
      kept->send(200, "text/plain", "first");
      kept->send(500, "text/plain", "second");
      kept.reset();
    }).join();
    const std::string answer = client.read_to_end();
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.ends_with("\r\n\r\nfirst"));
  }

  TEST_CASE("a request that is left unanswered gets 500, wherever its Response goes") {
    TestServer server;
    std::optional<Response> kept;
    server->http().get("/drop", [](const Request&, Response) {});
    server->http().get("/keep", [&](const Request&, Response response) { kept = response; });
    CHECK(request(server, "GET /drop").starts_with("HTTP/1.1 500 "));
    RawClient client(server.port(), server.turner());
    client.send("GET /keep HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    server.run_until([&] { return kept.has_value(); });
    std::thread([&] { kept.reset(); }).join();
    CHECK(client.read_to_end().starts_with("HTTP/1.1 500 "));
  }

  TEST_CASE("an answer for a client that has gone, or a server that has closed, does nothing") {
    std::optional<Response> kept;
    {
      TestServer server;
      server->http().get("/keep", [&](const Request&, Response response) { kept = response; });
      RawClient client(server.port(), server.turner());
      client.send("GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
      server.run_until([&] { return kept.has_value(); });
      SUBCASE("the client") {
        client.reset();
        server.settle();
        kept->send(200, "text/plain", "late");
      }
      SUBCASE("the server, which waits for it") {
        server->close([&] { client.close(); });
      }
    }
    std::thread([&] {
      kept->send(200, "text/plain", "later");
      kept.reset();
    }).join();
  }

  TEST_CASE("what a handler throws becomes 500 and is reported with the path") {
    TestServer server;
    server->http().get("/throw", [](const Request&, Response) { throw std::runtime_error("no luck"); });
    CHECK(request(server, "GET /throw").starts_with("HTTP/1.1 500 "));
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].where == Problem::Where::http);
    CHECK(server.problems[0].event == "/throw");
    CHECK(server.problems[0].text == "no luck");
  }

  TEST_CASE("a bad answer is the handler's mistake: it throws there") {
    TestServer server;
    server->http().get("/status", [](const Request&, Response response) { response.send(99, "a/b", ""); });
    server->http().get("/type", [](const Request&, Response response) { response.send(200, "a\r\nb", ""); });
    server->http().get("/header",
                       [](const Request&, Response response) { response.set_header("X", "a\nb"); });
    server->http().get("/own", [](const Request&, Response response) { response.set_header("Date", "x"); });
    for (const char* path : {"/status", "/type", "/header", "/own"}) {
      CAPTURE(path);
      CHECK(request(server, std::string("GET ") + path).starts_with("HTTP/1.1 500 "));
    }
    CHECK(server.problems.size() == 4);
  }

  TEST_CASE("404 and 405 for what has no route; 426 for a plain request to a WebSocket") {
    TestServer server;
    server->http().get("/only-get",
                       [](const Request&, Response response) { response.send(200, "a/b", "x"); });
    server->websocket("/raw", {});
    CHECK(request(server, "GET /nothing").starts_with("HTTP/1.1 404 "));
    const std::string refused = request(server, "POST /only-get", {}, "body");
    CHECK(refused.starts_with("HTTP/1.1 405 "));
    CHECK(has(refused, "Allow: GET, HEAD\r\n"));
    CHECK(request(server, "HEAD /only-get").ends_with("\r\n\r\n"));
    CHECK(request(server, "GET /raw").starts_with("HTTP/1.1 426 "));
    CHECK(request(server, "GET /socket.io/").starts_with("HTTP/1.1 400 "));
    CHECK(has(request(server, "GET /socket.io/?EIO=4&transport=polling"), R"(0{"sid":")"));
    CHECK(server.websocket("/nothing").status() == 404);
  }

  TEST_CASE("a body beyond max_body gets 413 and the handler is not called") {
    Options options;
    options.http.max_body = 10;
    TestServer server(options);
    server->http().post("/", [](const Request&, Response) { FAIL("called"); });
    CHECK(request(server, "POST /", {}, "eleven byte").starts_with("HTTP/1.1 413 "));
  }

  TEST_CASE("a route that is there already, or no path, is refused") {
    TestServer server;
    const auto handler = [](const Request&, Response) {};
    server->http().get("/a", handler);
    CHECK_THROWS_AS(server->http().get("/a", handler), std::invalid_argument);
    CHECK_THROWS_AS(server->http().get("a", handler), std::invalid_argument);
    CHECK_THROWS_AS(server->http().post("/:", handler), std::invalid_argument);
  }

  TEST_CASE("files of a folder are served beside the routes; a folder that cannot be read is named") {
    const Folder folder;
    std::ofstream(folder.path / "index.html") << "<p>hello</p>";
    TestServer server;
    server->http().files("/", folder.path.string());
    server->http().get("/route",
                       [](const Request&, Response response) { response.send(200, "a/b", "route"); });
    const std::string index = request(server, "GET /");
    CHECK(index.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(index.ends_with("<p>hello</p>"));
    CHECK(has(index, "Content-Type: text/html"));
    CHECK(request(server, "GET /route").ends_with("route"));
    CHECK(request(server, "GET /../etc/passwd").starts_with("HTTP/1.1 40"));

    const std::string missing = (folder.path / "missing").string();
    TestServer other;
    std::string what;
    try {
      other->http().files("/", missing);
    } catch (const std::system_error& error) {
      what = error.what();
    }
    CHECK(has(what, missing));
  }
}

}  // namespace banter::test
