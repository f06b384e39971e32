#include "http/text.h"

#include <doctest/doctest.h>

#include <ostream>

#include "http/error.h"
#include "http/headers.h"
#include "http/query.h"

using namespace banter::http;

TEST_SUITE("http text") {
  TEST_CASE("percent-decoding keeps a broken escape as it stands") {
    struct Row {
      std::string_view encoded;
      std::string_view decoded;
    };
    for (const Row& row :
         {Row{"", ""}, Row{"a%20b", "a b"}, Row{"%e2%82%AC", "\xe2\x82\xac"}, Row{"%zz", "%zz"},
          Row{"%", "%"}, Row{"%4", "%4"}, Row{"%41", "A"}, Row{"%%41", "%A"}, Row{"%2541", "%41"},
          Row{"a+b", "a b"}, Row{"%2b", "+"}, Row{"%00", std::string_view("\0", 1)}}) {
      CAPTURE(row.encoded);
      CHECK(percent_decode(row.encoded, Plus::is_blank) == row.decoded);
    }
    CHECK(percent_decode("a+b", Plus::is_plus) == "a+b");
  }

  TEST_CASE("a query is split at & and =, empty parts are skipped") {
    using Parameters = std::vector<QueryParameter>;
    CHECK(parse_query("").empty());
    CHECK(parse_query("&&").empty());
    CHECK(parse_query("a=1&&b=2&") == Parameters{{"a", "1"}, {"b", "2"}});
    CHECK(parse_query("a&b=&=c") == Parameters{{"a", ""}, {"b", ""}, {"", "c"}});
    CHECK(parse_query("a=b=c&x%26y=%3D+") == Parameters{{"a", "b=c"}, {"x&y", "= "}});
  }

  TEST_CASE("the last of several query values wins, whatever way its name is written") {
    CHECK(query_value("EIO=3&x=1&E%49O=4", "EIO") == "4");
    CHECK(query_value("EIO=3", "eio") == std::nullopt);
    CHECK(query_value("sid=&t=1", "sid") == "");
    CHECK(query_value("a=%zz", "a") == "%zz");
    CHECK(query_value("__proto__=x", "transport") == std::nullopt);
  }

  TEST_CASE("header names and list elements are compared without case") {
    Headers headers;
    headers.add("Connection", "keep-alive,, Upgrade ");
    headers.add("connection", "x");
    CHECK(headers.lists("CONNECTION", "upgrade"));
    CHECK(headers.lists("Connection", "X"));
    CHECK_FALSE(headers.lists("Connection", "keep"));
    CHECK_FALSE(headers.lists("Upgrade", "upgrade"));
    CHECK(headers.count("ConnectioN") == 2);
    headers.remove("CONNECTION");
    CHECK(headers.size() == 0);
  }

  TEST_CASE("tokens are what RFC 9110 section 5.6.2 lists") {
    CHECK(is_token("X-Custom_1.2!#$%&'*+^`|~"));
    for (const std::string_view bad : {"", " ", "a b", "a:", "a\"", "(", "a/b", "\x80", "a\x7f"}) {
      CAPTURE(bad);
      CHECK_FALSE(is_token(bad));
    }
    CHECK_FALSE(is_token(std::string_view("\0", 1)));
  }

  TEST_CASE("every error has a status and a sentence") {
    CHECK(status_of(Error::bad_chunk) == 400);
    CHECK(status_of(Error::request_line_too_long) == 414);
    CHECK(status_of(Error::head_too_large) == 431);
    CHECK(status_of(Error::too_many_headers) == 431);
    CHECK(status_of(Error::body_too_large) == 413);
    CHECK(status_of(Error::head_timeout) == 408);
    CHECK(status_of(Error::unsupported_version) == 505);
    CHECK(status_of(std::make_error_code(std::errc::io_error)) == 400);
    CHECK(make_error_code(Error::missing_host).message() == "A request needs exactly one Host header.");
  }
}
