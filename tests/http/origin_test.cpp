#include "http/origin.h"

#include <doctest/doctest.h>

#include <ostream>
#include <stdexcept>
#include <string>

using namespace banter::http;

TEST_SUITE("http origin") {
  TEST_CASE("a page is the server's own if name and port are") {
    struct Row {
      std::string_view origin;
      std::string_view host;
      Scheme scheme;
      bool is_same;
    };
    constexpr Scheme http = Scheme::http;
    constexpr Scheme https = Scheme::https;
    for (const Row& row : {
             Row{"http://example.org", "example.org", http, true},
             Row{"http://example.org:80", "example.org", http, true},
             Row{"http://example.org", "example.org:80", http, true},
             Row{"http://Example.ORG", "eXample.org", http, true},
             Row{"HTTP://example.org", "example.org", http, true},
             Row{"http://localhost:3000", "localhost:3000", http, true},
             Row{"http://localhost:", "localhost", http, true},
             Row{"http://[::1]:3000", "[::1]:3000", http, true},
             Row{"http://[::1]", "[::1]:80", http, true},
             Row{"https://example.org", "example.org", https, true},
             Row{"https://example.org", "example.org:443", https, true},
             Row{"https://example.org:443", "example.org", https, true},
             Row{"https://example.org", "example.org", http, true},  // a proxy took off TLS
             Row{"https://example.org:8443", "example.org:8443", http, true},
             // The same name over a line that everyone may write on.
             Row{"http://example.org", "example.org", https, false},
             Row{"http://example.org:443", "example.org:443", https, false},
             Row{"http://example.org", "example.org:443", http, false},
             Row{"https://example.org", "example.org:80", http, false},
             Row{"http://example.org", "example.org:8080", http, false},
             Row{"http://example.org:8080", "example.org", http, false},
             Row{"http://example.org", "www.example.org", http, false},
             Row{"http://example.org.evil.net", "example.org", http, false},
             Row{"http://evil-example.org", "example.org", http, false},
             Row{"http://example.org@evil.net", "evil.net", http, false},
             Row{"http://example.org/", "example.org", http, false},
             Row{"ftp://example.org", "example.org", http, false},
             Row{"file://", "", http, false},
             Row{"null", "null", http, false},
             Row{"", "", http, false},
             Row{"http://", "", http, false},
             Row{"http://:80", ":80", http, false},
             Row{"://example.org", "example.org", http, false},
             Row{"example.org", "example.org", http, false},
             Row{"http://example.org:65536", "example.org:65536", http, false},
             Row{"http://example.org:0x50", "example.org", http, false},
             Row{"http://example.org:+80", "example.org", http, false},
             Row{"http://example.org:80:80", "example.org", http, false},
             Row{"http://[::1", "[::1", http, false},
         }) {
      CAPTURE(row.origin);
      CAPTURE(row.host);
      CHECK(is_same_origin(row.origin, row.host, row.scheme) == row.is_same);
    }
  }

  TEST_CASE("an origin is normalized to what a browser sends") {
    struct Row {
      const char* text;
      const char* normal;
    };
    for (const Row& row : {Row{"https://example.org", "https://example.org"},
                           Row{"HTTPS://Example.ORG", "https://example.org"},
                           Row{"https://example.org:443", "https://example.org"},
                           Row{"http://example.org:80", "http://example.org"},
                           Row{"http://example.org:443", "http://example.org:443"},
                           Row{"http://localhost:03000", "http://localhost:3000"},
                           Row{"http://[::1]:8080", "http://[::1]:8080"},
                           Row{"capacitor://localhost", "capacitor://localhost"},
                           Row{"chrome-extension://abcdef", "chrome-extension://abcdef"}, Row{"null", "null"},
                           Row{"file://", "file://"}}) {
      CAPTURE(row.text);
      CHECK(normalize_origin(row.text) == row.normal);
    }
  }

  TEST_CASE("what no browser would send as an origin is refused by name") {
    for (const char* bad :
         {"", "example.org", "https://", "://x", "https://example.org/", "https://example.org/path",
          "https://a b", "https://user@example.org", "https://*.example.org", "https://example.org:99999",
          "https://x:y", "https://a,https://b", "file:///home", "*", "https://x\r\nSet-Cookie:a",
          "ht tp://x"}) {
      CAPTURE(bad);
      const std::string message =
          "not an origin, which is a scheme, :// and a host with an optional port: \"" + std::string(bad) +
          "\"";
      CHECK_THROWS_WITH_AS(static_cast<void>(normalize_origin(bad)), message.c_str(), std::invalid_argument);
    }
  }
}
