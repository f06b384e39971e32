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
        {"budget", "16777215", [](Options& o) { o.budget = 16 * 1024 * 1024 - 1; }},
        {"stall_timeout", "0 ms", [](Options& o) { o.stall_timeout = 0ms; }},
        {"close_timeout", "-1 ms", [](Options& o) { o.close_timeout = -1ms; }},
        {"recovery.max_duration", "0 ms",
         [](Options& o) { o.recovery = RecoveryOptions{.max_duration = 0ms}; }},
        {"recovery.max_entries", "0", [](Options& o) { o.recovery = RecoveryOptions{.max_entries = 0}; }},
        {"recovery.max_bytes", "0", [](Options& o) { o.recovery = RecoveryOptions{.max_bytes = 0}; }},
        {"recovery.max_sessions", "0", [](Options& o) { o.recovery = RecoveryOptions{.max_sessions = 0}; }},
        {"cors.origins", "\"example.org\"", [](Options& o) { o.cors.origins = {"example.org"}; }},
        {"cors.origins", "\"https://a.example/\"",
         [](Options& o) { o.cors.origins = {"https://a.example/"}; }},
        {"cors.credentials", "true",
         [](Options& o) {
           o.cors.origins = {"https://a.example", "*"};
           o.cors.credentials = true;
         }},
        {"upgrade_timeout", "0 ms", [](Options& o) { o.upgrade_timeout = 0ms; }},
        {"allow_request_timeout", "0 ms", [](Options& o) { o.allow_request_timeout = 0ms; }},
        {"stall_threshold", "-1 ms", [](Options& o) { o.stall_threshold = -1ms; }},
        {"polling", "false",
         [](Options& o) {
           o.polling = false;
           o.websocket = false;
         }},
        {"deflate.window_bits", "8", [](Options& o) { o.deflate = {.window_bits = 8}; }},
        {"deflate.window_bits", "16", [](Options& o) { o.deflate = {.window_bits = 16}; }},
        {"deflate.memory_level", "0", [](Options& o) { o.deflate = {.memory_level = 0}; }},
        {"deflate.memory_level", "10", [](Options& o) { o.deflate = {.memory_level = 10}; }},
        {"deflate.level", "0", [](Options& o) { o.deflate = {.level = 0}; }},
        {"deflate.level", "10", [](Options& o) { o.deflate = {.level = 10}; }},
        {"cookie.name", "\"\"", [](Options& o) { o.cookie = {.name = ""}; }},
        {"cookie.name", "\"a b\"", [](Options& o) { o.cookie = {.name = "a b"}; }},
        {"cookie.name", "\"a=b\"", [](Options& o) { o.cookie = {.name = "a=b"}; }},
        {"cookie.path", "\"\"", [](Options& o) { o.cookie = {.path = ""}; }},
        {"cookie.path", "\"/; Secure\"", [](Options& o) { o.cookie = {.path = "/; Secure"}; }},
        {"cookie.domain", "\"a\r\nb\"", [](Options& o) { o.cookie = {.domain = "a\r\nb"}; }},
        {"cookie.max_age", "-1 s", [](Options& o) { o.cookie = {.max_age = -1s}; }},
        {"cookie.same_site", "none",
         [](Options& o) { o.cookie = {.same_site = CookieOptions::SameSite::none}; }},
        {"cors.origins", "\"https://*.example\"", [](Options& o) { o.cors.origins = {"https://*.example"}; }},
        {"cors.methods", "\"GET,PUT\"", [](Options& o) { o.cors.methods = {"GET,PUT"}; }},
        {"cors.allowed_headers", "\"X Y\"", [](Options& o) { o.cors.allowed_headers = {"X Y"}; }},
        {"cors.exposed_headers", "\"\"", [](Options& o) { o.cors.exposed_headers = {""}; }},
        {"cors.max_age", "-1 s", [](Options& o) { o.cors.max_age = -1s; }},
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

}  // namespace banter::test
