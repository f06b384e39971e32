#include "http/cors.h"

#include <doctest/doctest.h>

#include <chrono>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace banter::http;
using namespace std::chrono_literals;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* page = "https://page.example";

Request from(std::string_view origin, std::string method = "GET") {
  Request request;
  request.method = std::move(method);
  if (!origin.empty()) request.headers.add("origin", std::string(origin));
  return request;
}

Request asking(std::string_view origin, const char* wanted_headers = nullptr) {
  Request request = from(origin, "OPTIONS");
  request.headers.add("access-control-request-method", "POST");
  if (wanted_headers) request.headers.add("access-control-request-headers", wanted_headers);
  return request;
}

Fields fields_of(const Headers& headers) {
  Fields fields;
  for (const Header& header : headers)
    fields.emplace_back(header.name, header.value);
  return fields;
}

bool is_example(std::string_view origin) {
  return origin.ends_with(".example");
}

Fields allow(const char* origin) {
  return {{"Access-Control-Allow-Origin", origin}};
}

Fields allow_and_vary(const char* origin) {
  return {{"Access-Control-Allow-Origin", origin}, {"Vary", "Origin"}};
}

}  // namespace

TEST_SUITE("http cors") {
  TEST_CASE("what is configured decides which origin an answer allows") {
    const Fields vary{{"Vary", "Origin"}};
    struct Row {
      std::vector<std::string> origins;
      bool has_predicate;
      const char* origin;
      Fields fields;
    };
    for (const Row& row : {
             Row{{}, false, page, {}},
             Row{{"*"}, false, page, allow("*")},
             Row{{"*"}, false, "", allow("*")},
             Row{{page, "*"}, true, page, allow("*")},
             Row{{page}, false, page, allow_and_vary(page)},
             Row{{page}, false, "https://other.net", allow_and_vary(page)},
             Row{{page}, false, "", allow_and_vary(page)},
             Row{{"HTTPS://Page.Example:443"}, false, page, allow_and_vary(page)},
             Row{{page, "http://b"}, false, page, allow_and_vary(page)},
             Row{{page, "http://b"}, false, "http://b", allow_and_vary("http://b")},
             Row{{page, "http://b"}, false, "http://b:8080", vary},
             Row{{page, "http://b"}, false, "https://b", vary},
             Row{{page, "http://b"}, false, "null", vary},
             Row{{page, "http://b"}, false, "", vary},
             Row{{}, true, page, allow_and_vary(page)},
             Row{{}, true, "https://other.net", vary},
             Row{{}, true, "", vary},
             Row{{"http://b"}, true, "http://b", allow_and_vary("http://b")},
             Row{{"http://b"}, true, page, allow_and_vary(page)},
             Row{{"http://b"}, true, "http://c", vary},
             Row{{"null", "http://b"}, false, "null", allow_and_vary("null")},
         }) {
      CAPTURE(row.origins.size());
      CAPTURE(row.origin);
      CorsSettings settings;
      settings.origins = row.origins;
      if (row.has_predicate) settings.allows = is_example;
      const Cors cors(std::move(settings));
      CHECK(cors.is_configured() == (!row.origins.empty() || row.has_predicate));
      CHECK(fields_of(cors.headers_for(from(row.origin))) == row.fields);
    }
  }

  TEST_CASE("a WebSocket may be opened from what is listed or decided, and a star is no file and no null") {
    struct Row {
      std::vector<std::string> origins;
      bool has_predicate;
      const char* origin;
      bool is_allowed;
    };
    for (const Row& row : {
             Row{{}, false, page, false},
             Row{{page}, false, page, true},
             Row{{page}, false, "https://page.example:8443", false},
             Row{{page}, false, "http://page.example", false},
             Row{{page}, false, "https://page.example.evil.net", false},
             Row{{page}, false, "", false},
             Row{{page, "http://b"}, false, "http://b", true},
             Row{{}, true, page, true},
             Row{{}, true, "http://b", false},
             Row{{"*"}, false, page, true},
             Row{{"*"}, false, "null", false},
             Row{{"*"}, false, "file://", false},
             Row{{"*"}, false, "FILE:///x", false},
             Row{{"*", "null"}, false, "null", true},
             Row{{"*", "file://"}, false, "file://", true},
             Row{{"*"}, false, "*", false},
         }) {
      CAPTURE(row.origins.size());
      CAPTURE(row.origin);
      CorsSettings settings;
      settings.origins = row.origins;
      if (row.has_predicate) settings.allows = is_example;
      CHECK(Cors(std::move(settings)).allows(row.origin) == row.is_allowed);
    }
  }

  TEST_CASE("credentials and exposed headers come with an allowed origin only") {
    CorsSettings settings;
    settings.origins = {page, "http://b"};
    settings.credentials = true;
    settings.exposed_headers = {"X-One", "X-Two"};
    const Cors cors(std::move(settings));
    CHECK(fields_of(cors.headers_for(from(page))) == Fields{{"Access-Control-Allow-Origin", page},
                                                            {"Access-Control-Allow-Credentials", "true"},
                                                            {"Access-Control-Expose-Headers", "X-One,X-Two"},
                                                            {"Vary", "Origin"}});
    CHECK(fields_of(cors.headers_for(from("http://c"))) == Fields{{"Vary", "Origin"}});
  }

  TEST_CASE("a preflight is answered with all that the page may do") {
    CorsSettings settings;
    settings.origins = {"*"};
    SUBCASE("as configured") {
      settings.methods = {"GET", "POST"};
      settings.allowed_headers = {"X-Token", "Content-Type"};
      settings.max_age = 600s;
      const auto response = Cors(std::move(settings)).preflight(asking(page, "X-Other"));
      REQUIRE(response);
      CHECK(response->status() == 204);
      CHECK(fields_of(response->headers()) == Fields{{"Access-Control-Allow-Origin", "*"},
                                                     {"Access-Control-Allow-Methods", "GET,POST"},
                                                     {"Access-Control-Allow-Headers", "X-Token,Content-Type"},
                                                     {"Access-Control-Max-Age", "600"}});
    }
    SUBCASE("else the usual methods and the headers it asks for") {
      const auto response = Cors(std::move(settings)).preflight(asking(page, "x-a, x-b"));
      REQUIRE(response);
      CHECK(fields_of(response->headers()) ==
            Fields{{"Access-Control-Allow-Origin", "*"},
                   {"Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"},
                   {"Vary", "Access-Control-Request-Headers"},
                   {"Access-Control-Allow-Headers", "x-a, x-b"}});
    }
    SUBCASE("no age at all is an age") {
      settings.max_age = 0s;
      const auto response = Cors(std::move(settings)).preflight(asking(page));
      REQUIRE(response);
      CHECK(response->headers().get("Access-Control-Max-Age") == "0");
      CHECK_FALSE(response->headers().has("Access-Control-Allow-Headers"));
    }
    SUBCASE("what is no list of names is not echoed") {
      const auto response = Cors(std::move(settings)).preflight(asking(page, "x-a, <b>"));
      REQUIRE(response);
      CHECK_FALSE(response->headers().has("Access-Control-Allow-Headers"));
      CHECK(response->headers().has("Vary"));
    }
  }

  TEST_CASE("a preflight from elsewhere is answered without an allowed origin") {
    CorsSettings settings;
    settings.origins = {page, "http://b"};
    const auto response = Cors(std::move(settings)).preflight(asking("http://c", "x-a"));
    REQUIRE(response);
    CHECK(response->status() == 204);
    CHECK_FALSE(response->headers().has("Access-Control-Allow-Origin"));
    CHECK(response->headers().get("Vary") == "Origin, Access-Control-Request-Headers");
  }

  TEST_CASE("only OPTIONS with an origin and the method it asks for is a preflight") {
    CorsSettings settings;
    settings.origins = {"*"};
    const Cors cors(std::move(settings));
    CHECK(cors.preflight(asking(page)));
    CHECK_FALSE(cors.preflight(asking("")));
    CHECK_FALSE(cors.preflight(from(page, "OPTIONS")));
    Request get = asking(page);
    get.method = "GET";
    CHECK_FALSE(cors.preflight(get));
    CHECK_FALSE(Cors({}).preflight(asking(page)));
  }

  TEST_CASE("settings that cannot work are refused by name") {
    struct Row {
      const char* part;
      void (*spoil)(CorsSettings&);
    };
    const Row rows[] = {
        {"\"example.org\"",
         [](CorsSettings& settings) {
           settings.origins = {page, "example.org"};
         }},
        {"\"https://x/\"", [](CorsSettings& settings) { settings.origins = {"https://x/"}; }},
        {"credentials",
         [](CorsSettings& settings) {
           settings.origins = {page, "*"}, settings.credentials = true;
         }},
        {"method: \"GE T\"", [](CorsSettings& settings) { settings.methods = {"GE T"}; }},
        {"header name: \"X:\"", [](CorsSettings& settings) { settings.allowed_headers = {"X:"}; }},
        {"header name: \"\"", [](CorsSettings& settings) { settings.exposed_headers = {""}; }},
        {"max_age", [](CorsSettings& settings) { settings.max_age = -1s; }},
    };
    for (const Row& row : rows) {
      CAPTURE(row.part);
      CorsSettings settings;
      row.spoil(settings);
      try {
        const Cors cors(std::move(settings));
        CHECK(false);
      } catch (const std::invalid_argument& error) {
        CHECK(std::string(error.what()).find(row.part) != std::string::npos);
      }
    }
  }
}
