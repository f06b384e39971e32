#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

struct Error {
  std::string path;
  int code;
  std::string message;
  std::string context;
};

// What on_connection_error has heard.
std::vector<Error>& watch(TestServer& server, std::vector<Error>& errors) {
  server->on_connection_error([&](const ConnectionError& error) {
    errors.push_back({std::string(error.request.path()), error.code, std::string(error.message),
                      std::string(error.context)});
  });
  return errors;
}

std::string websocket_at(const std::string& query, const std::string& headers = {}) {
  return upgrade_request({.target = "/socket.io/?" + query, .headers = headers});
}

std::string get(const std::string& query, const std::string& headers = {}) {
  return text_of({.line = "GET /socket.io/?" + query, .headers = headers});
}

struct Case {
  std::string request;  // SID stands for that of a session on polling
  int status;
  int code;
  const char* message;
  const char* context;
};

}  // namespace

TEST_SUITE("on_connection_error") {
  TEST_CASE("hears of every refusal what the client is told, and which check failed") {
    const std::vector<Case> cases{
        {get("EIO=4&transport=tcp"), 400, 0, "Transport unknown", "TRANSPORT_UNKNOWN"},
        {get("EIO=4"), 400, 0, "Transport unknown", "TRANSPORT_UNKNOWN"},
        {get("EIO=4&transport=Polling&sid=SID"), 400, 0, "Transport unknown", "TRANSPORT_UNKNOWN"},
        {get("EIO=4&transport=polling&sid=unknown"), 400, 1, "Session ID unknown", "UNKNOWN_SID"},
        {websocket_at("EIO=4&transport=websocket&sid=SIDx"), 400, 1, "Session ID unknown", "UNKNOWN_SID"},
        {text_of({.line = "POST /socket.io/?EIO=4&transport=polling", .body = "4x"}), 400, 2,
         "Bad handshake method", "BAD_HANDSHAKE_METHOD"},
        {text_of({.line = "PUT /socket.io/?EIO=4&transport=polling"}), 400, 2, "Bad handshake method",
         "BAD_HANDSHAKE_METHOD"},
        {get("EIO=4&transport=websocket"), 400, 3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR"},
        {websocket_at("EIO=4&transport=polling"), 400, 3, "Bad request", "TRANSPORT_HANDSHAKE_ERROR"},
        {get("EIO=4&transport=websocket&sid=SID"), 400, 3, "Bad request", "TRANSPORT_MISMATCH"},
        {websocket_at("EIO=4&transport=polling&sid=SID"), 400, 3, "Bad request", "TRANSPORT_MISMATCH"},
        {get("EIO=3&transport=polling&sid=SID"), 400, 3, "Bad request", "PROTOCOL_MISMATCH"},
        {get("EIO=4&transport=polling&j=0"), 400, 3, "Bad request", "JSONP_NOT_SUPPORTED"},
        {websocket_at("EIO=4&transport=websocket", "Origin: http://evil.example\r\n"), 403, 4,
         "Forbidden: this page's origin is neither the server's own nor listed in Options::cors.origins",
         "ORIGIN_NOT_ALLOWED"},
        {get("EIO=4&transport=polling&token=bad"), 403, 4, "who are you", "NOT_ALLOWED_BY_APPLICATION"},
        {websocket_at("EIO=4&transport=websocket&token=bad"), 403, 4, "who are you",
         "NOT_ALLOWED_BY_APPLICATION"},
        {get("EIO=3&transport=polling"), 400, 5, "Unsupported protocol version",
         "UNSUPPORTED_PROTOCOL_VERSION"},
        {websocket_at("transport=websocket"), 400, 5, "Unsupported protocol version",
         "UNSUPPORTED_PROTOCOL_VERSION"},
        {get("EIO=4&transport=polling&middleware=refuses"), 400, 3, "Bad request", "MIDDLEWARE_FAILURE"},
        {websocket_at("EIO=4&transport=websocket&middleware=refuses"), 400, 3, "Bad request",
         "MIDDLEWARE_FAILURE"},
        {get("EIO=4&transport=tcp&middleware=refuses"), 400, 3, "Bad request", "MIDDLEWARE_FAILURE"},
        {get("EIO=3&transport=polling&token=bad"), 403, 4, "who are you", "NOT_ALLOWED_BY_APPLICATION"},
    };
    std::vector<Error> errors;
    TestServer server;
    watch(server, errors);
    server->http().use([](const Request& request) -> std::optional<Http::Refusal> {
      if (request.query("middleware")) return Http::Refusal{418, "not shown"};
      return std::nullopt;
    });
    server->allow_request([](const Request& request, Admission admission) {
      request.query("token") ? admission.refuse("who are you") : admission.allow();
    });
    PollingClient session = server.poll();
    for (const Case& one : cases) {
      std::string request = one.request;
      if (const std::size_t sid = request.find("SID"); sid != std::string::npos) {
        request.replace(sid, 3, session.sid());
      }
      CAPTURE(request);
      errors.clear();
      HttpClient client = server.http_client();
      client.raw().send(request);
      const HttpAnswer answer = client.read();
      CHECK(answer.status == one.status);
      const bool is_upgrade = request.find("Upgrade: ") != std::string::npos;
      CHECK(answer.header("Content-Type") == (is_upgrade ? "text/html" : "application/json"));
      const std::string body =
          "{\"code\":" + std::to_string(one.code) + ",\"message\":\"" + one.message + "\"}";
      CHECK(answer.body == (is_upgrade ? one.message : body));
      REQUIRE(errors.size() == 1);
      CHECK(errors[0].path == "/socket.io/");
      CHECK(errors[0].code == one.code);
      CHECK(errors[0].message == one.message);
      CHECK(errors[0].context == one.context);
    }
    CHECK(session.post("3").body == "ok");  // the session has not suffered
  }

  TEST_CASE("a transport that is switched off is unknown") {
    std::vector<Error> errors;
    {
      TestServer server({.polling = false});
      watch(server, errors);
      CHECK(server.ask({.line = "GET /socket.io/?EIO=4&transport=polling"}).status == 400);
      CHECK(server.open().join().id().size() == 20);
    }
    {
      TestServer server({.websocket = false});
      watch(server, errors);
      CHECK(server.websocket("/socket.io/?EIO=4&transport=websocket").status() == 400);
      PollingClient client = server.poll();
      CHECK(json::parse(client.opened().body.substr(1))["upgrades"] == json::array());
    }
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].context == "TRANSPORT_UNKNOWN");
    CHECK(errors[1].context == "TRANSPORT_UNKNOWN");
  }

  TEST_CASE("polls of a session that is on WebSocket have the wrong transport") {
    std::vector<Error> errors;
    TestServer server;
    watch(server, errors);
    PollingClient client = server.poll();
    WebSocketClient upgrade = server.websocket(client.upgrade_target());
    upgrade.send_text("2probe");
    CHECK(upgrade.read_message() == "3probe");
    upgrade.send_text("5");
    server.settle();
    CHECK(client.poll().status == 400);
    CHECK(client.post("4x").status == 400);
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].context == "TRANSPORT_MISMATCH");
    CHECK(errors[1].context == "TRANSPORT_MISMATCH");
  }

  TEST_CASE("hears of engine() endpoints, and not of what is not Engine.IO's") {
    std::vector<Error> errors;
    TestServer server;
    watch(server, errors);
    server->engine("/bare", {});
    CHECK(server.ask({.line = "GET /nothing"}).status == 404);
    CHECK(errors.empty());
    CHECK(server.ask({.line = "GET /bare"}).status == 400);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].path == "/bare");
  }

  TEST_CASE("that throws is reported, and the client has its answer all the same") {
    TestServer server;
    server->on_connection_error([](const ConnectionError&) { throw std::runtime_error("log is full"); });
    CHECK(server.ask({.line = "GET /socket.io/"}).body == R"({"code":0,"message":"Transport unknown"})");
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].where == Problem::Where::http);
    CHECK(server.problems[0].text == "log is full");
  }
}

}  // namespace banter::test
