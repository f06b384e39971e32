#include "http/response.h"

#include <doctest/doctest.h>

#include <ostream>
#include <stdexcept>

#include "http/date.h"
#include "http/error_page.h"
#include "http/status.h"

using namespace banter::http;

TEST_SUITE("http response") {
  TEST_CASE("writes status line, fields and the length of the body") {
    Response response(200, "text/plain", "hello");
    response.set_header("X-One", "1").add_header("X-One", "2");
    CHECK(write_head(response, {}) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 5\r\n\r\n");
  }

  TEST_CASE("says whether the connection stays") {
    const Response response(200);
    CHECK(write_head(response, {.keep_alive = false}) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK(write_head(response, {.version = Version::http_1_0}) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(write_head(response, {.date = "D"}) == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\n\r\n");
  }

  TEST_CASE("lists Upgrade in Connection (RFC 9110 section 7.8)") {
    Response response(426);
    response.set_header("Upgrade", "websocket");
    CHECK(write_head(response, {.keep_alive = false}) ==
          "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n"
          "Connection: Upgrade, close\r\n\r\n");
  }

  TEST_CASE("204 and 304 announce no length (RFC 9110 section 8.6)") {
    CHECK(write_head(Response(204), {}) == "HTTP/1.1 204 No Content\r\n\r\n");
    CHECK(write_head(Response(304).set_body(std::string("x")), {}) == "HTTP/1.1 304 Not Modified\r\n\r\n");
  }

  TEST_CASE("refuses what would break out of a header field") {
    using namespace std::string_literals;
    Response response(200);
    for (const std::string& value : {"a\r\nSet-Cookie: b"s, "a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s}) {
      CHECK_THROWS_AS(response.set_header("X", value), std::invalid_argument);
      CHECK_THROWS_AS(response.add_header("X", value), std::invalid_argument);
    }
    for (const char* name : {"", "a b", "a:", "a\r\nb"}) {
      CHECK_THROWS_AS(response.set_header(name, "x"), std::invalid_argument);
    }
    for (const char* name : {"content-length", "Transfer-Encoding", "CONNECTION", "Date"}) {
      CHECK_THROWS_AS(response.set_header(name, "x"), std::invalid_argument);
    }
    CHECK(response.headers().size() == 0);
    CHECK_THROWS_WITH(response.set_header("X", "a\nb"), "control byte in the value of header X");
  }

  TEST_CASE("refuses a status that is not an answer's") {
    for (const int status : {-1, 0, 100, 101, 199, 600})
      CHECK_THROWS_AS(Response{status}, std::invalid_argument);
    CHECK(write_head(Response(299), {}).starts_with("HTTP/1.1 299 Successful\r\n"));
  }

  TEST_CASE("set_header replaces what is there in any case") {
    Response response(200);
    response.add_header("x-a", "1").add_header("X-A", "2").set_header("X-a", "3");
    CHECK(response.headers().get_all("x-a") == std::vector<std::string_view>{"3"});
  }

  TEST_CASE("an error page says what is wrong and escapes it") {
    const Response page = error_page(404, "no <script>alert(\"x\")</script> & 'more'");
    CHECK(page.status() == 404);
    CHECK(page.headers().get("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.body().find("<h1>404 Not Found</h1>") != std::string_view::npos);
    CHECK(page.body().find("no &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;more&#39;") !=
          std::string_view::npos);
    CHECK(page.body().find("<script") == std::string_view::npos);
  }

  TEST_CASE("writes dates as RFC 9110 section 5.6.7 does") {
    CHECK(format_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(format_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(format_date(1709210096) == "Thu, 29 Feb 2024 12:34:56 GMT");
  }
}
