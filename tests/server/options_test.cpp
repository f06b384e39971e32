#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

std::string refusal_of(const Options& options) {
  try {
    options.validate();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "(accepted)";
}

}  // namespace

TEST_SUITE("Options") {
  TEST_CASE("the defaults and the edges of each range are accepted") {
    CHECK(refusal_of({}) == "(accepted)");
    CHECK(refusal_of({.ping_interval = 1ms, .max_payload = 1024, .max_attachments = 99}) == "(accepted)");
    CHECK(refusal_of({.max_payload = 2000, .high_water = 1000, .max_queue = 2000, .close_timeout = 0ms}) ==
          "(accepted)");
    CHECK(refusal_of({.cors = {.origins = {"*", "https://a.example", "http://localhost:8080", "null"}}}) ==
          "(accepted)");
  }

  TEST_CASE("validate names the field and its value") {
    struct Case {
      std::string field;
      std::string value;
      void (*change)(Options&);
    };
    const std::vector<Case> cases{
        {"threads", "0", [](Options& o) { o.threads = 0; }},
        {"threads", "2", [](Options& o) { o.threads = 2; }},
        {"path", "\"socket.io\"", [](Options& o) { o.path = "socket.io"; }},
        {"path", "\"\"", [](Options& o) { o.path = ""; }},
        {"ping_interval", "0 ms", [](Options& o) { o.ping_interval = 0ms; }},
        {"ping_timeout", "-1 ms", [](Options& o) { o.ping_timeout = -1ms; }},
        {"ping_timeout", "ms", [](Options& o) { o.ping_timeout = std::chrono::milliseconds::max(); }},
        {"max_payload", "1023", [](Options& o) { o.max_payload = 1023; }},
        {"max_attachments", "0", [](Options& o) { o.max_attachments = 0; }},
        {"max_attachments", "100", [](Options& o) { o.max_attachments = 100; }},
        {"connect_timeout", "0 ms", [](Options& o) { o.connect_timeout = 0ms; }},
        {"middleware_timeout", "0 ms", [](Options& o) { o.middleware_timeout = 0ms; }},
        {"ack_timeout", "0 ms", [](Options& o) { o.ack_timeout = 0ms; }},
        {"keep_headers", "\"User-Agent\"",
         [](Options& o) {
           o.keep_headers = {"origin", "User-Agent"};
         }},
        {"keep_headers", "\"\"", [](Options& o) { o.keep_headers = {""}; }},
        {"high_water", "0", [](Options& o) { o.high_water = 0; }},
        {"max_queue", "999999", [](Options& o) { o.max_queue = 999'999; }},
        {"max_queue", "20000000",
         [](Options& o) {
           o.high_water = 20'000'001;
           o.max_queue = 20'000'000;
         }},
        {"stall_timeout", "0 ms", [](Options& o) { o.stall_timeout = 0ms; }},
        {"close_timeout", "-1 ms", [](Options& o) { o.close_timeout = -1ms; }},
        {"cors.origins", "\"example.org\"", [](Options& o) { o.cors.origins = {"example.org"}; }},
        {"cors.origins", "\"https://a.example/\"",
         [](Options& o) { o.cors.origins = {"https://a.example/"}; }},
        {"http.max_request_line", "0", [](Options& o) { o.http.max_request_line = 0; }},
        {"http.max_head", "0", [](Options& o) { o.http.max_head = 0; }},
        {"http.max_headers", "0", [](Options& o) { o.http.max_headers = 0; }},
        {"http.head_timeout", "0 ms", [](Options& o) { o.http.head_timeout = 0ms; }},
        {"http.body_timeout", "0 ms", [](Options& o) { o.http.body_timeout = 0ms; }},
        {"http.keep_alive_timeout", "0 ms", [](Options& o) { o.http.keep_alive_timeout = 0ms; }},
    };
    for (const Case& one : cases) {
      CAPTURE(one.field);
      Options options;
      one.change(options);
      const std::string text = refusal_of(options);
      CAPTURE(text);
      CHECK(text.find("option " + one.field + ": ") != std::string::npos);
      CHECK(text.find(one.value) != std::string::npos);
      CHECK_THROWS_AS(Server{options}, std::invalid_argument);
    }
  }

  TEST_CASE("path moves Socket.IO and its client") {
    TestServer server({.path = "/chat"});
    SocketioClient client = server.open({.target = "/chat/?EIO=4&transport=websocket"});
    client.join();
    CHECK(server.websocket("/socket.io/?EIO=4&transport=websocket").status() == 404);
  }
}

TEST_SUITE("origins") {
  TEST_CASE("a page of another origin may open a WebSocket only if it is listed") {
    struct Case {
      std::vector<std::string> listed;
      const char* origin;  // of the request, whose Host is localhost; null: none
      bool passes;
    };
    const std::vector<Case> cases{
        {{}, nullptr, true},
        {{}, "http://localhost", true},
        {{}, "https://localhost", true},
        {{}, "http://localhost:8080", false},
        {{}, "http://evil.example", false},
        {{}, "null", false},
        {{}, "", false},
        {{"*"}, "http://evil.example", true},
        {{"*"}, "null", true},
        {{"https://a.example", "http://b.example:81"}, "https://a.example", true},
        {{"https://a.example", "http://b.example:81"}, "http://b.example:81", true},
        {{"https://a.example"}, "http://a.example", false},
        {{"https://a.example"}, "https://a.example.evil", false},
        {{"https://a.example"}, "https://a.example:444", false},
        {{"https://a.example"}, nullptr, true},
        {{"https://a.example"}, "http://localhost", true},
    };
    for (const Case& one : cases) {
      const std::string origin = one.origin ? one.origin : "(none)";
      CAPTURE(origin);
      TestServer server({.cors = {.origins = one.listed}});
      server->websocket("/raw", {});
      server->native_events("/ws", "/");
      const std::string header = one.origin ? "Origin: " + origin + "\r\n" : "";
      for (const char* target : {"/socket.io/?EIO=4&transport=websocket", "/raw", "/ws"}) {
        CAPTURE(target);
        CHECK(server.websocket(target, header).status() == (one.passes ? 101 : 403));
      }
    }
  }
}

}  // namespace banter::test
