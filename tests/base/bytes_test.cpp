#include "banter/bytes.h"

#include <doctest/doctest.h>

#include "banter/json.h"

using namespace banter;

TEST_SUITE("bytes") {
  TEST_CASE("are made from text, a view or a vector, and compare by content") {
    const Bytes from_text("ab");
    const Bytes from_vector(std::vector{std::byte{'a'}, std::byte{'b'}});
    CHECK(from_text == from_vector);
    CHECK(from_text == Bytes(from_vector.span()));
    CHECK_FALSE(from_text == Bytes("ac"));
    CHECK(from_text.size() == 2);
    CHECK(Bytes().empty());
  }

  TEST_CASE("give their memory away and are empty then") {
    Bytes bytes("abc");
    const std::byte* const memory = bytes.data();
    const std::vector<std::byte> taken = bytes.take();
    CHECK(taken.data() == memory);
    CHECK(bytes.empty());
  }

  TEST_CASE("are binary inside a json") {
    const json value = Bytes("\x01\x02");
    REQUIRE(value.is_binary());
    CHECK(value.get<Bytes>() == Bytes("\x01\x02"));
  }

  TEST_CASE("are read from a base64 string inside a json, the form of plain JSON events") {
    CHECK(json("AQI=").get<Bytes>() == Bytes("\x01\x02"));
    CHECK_THROWS_AS((void)json("not base64").get<Bytes>(), json::type_error);
    CHECK_THROWS_AS((void)json(5).get<Bytes>(), json::type_error);
  }
}
