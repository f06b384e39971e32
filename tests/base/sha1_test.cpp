#include "base/sha1.h"

#include <doctest/doctest.h>

#include <string>

#include "base/base64.h"

using namespace banter;

TEST_SUITE("sha1") {
  TEST_CASE("gives the accept value of RFC 6455 section 1.3") {
    const auto digest = base::sha1(as_bytes("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    REQUIRE(digest);
    std::string text;
    base::append_base64(text, *digest);
    CHECK(text == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  TEST_CASE("of nothing is that of the empty text") {
    const auto digest = base::sha1({});
    REQUIRE(digest);
    std::string text;
    base::append_base64(text, *digest);
    CHECK(text == "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
  }
}
