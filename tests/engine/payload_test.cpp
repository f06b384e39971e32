#include "engine/payload.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace banter::engine {
namespace {

using Packets = std::vector<std::string>;

Packets packets_in(std::string_view payload) {
  Packets packets;
  PayloadReader reader(payload);
  while (const auto packet = reader.next())
    packets.emplace_back(*packet);
  CHECK_FALSE(reader.next());  // and it stays over
  return packets;
}

}  // namespace

TEST_SUITE("engine payload") {
  TEST_CASE("is packets with a record separator between two; empty ones are handed on") {
    struct Row {
      std::string_view hex;
      Packets packets;
    };
    const std::vector<Row> rows{
        {"", {""}},
        {"34", {"4"}},
        {"34 61", {"4a"}},
        {"34 61 1e 34 62", {"4a", "4b"}},
        {"34 61 1e 62 41 51 49 3d 1e 33", {"4a", "bAQI=", "3"}},
        {"1e", {"", ""}},
        {"1e 34 61", {"", "4a"}},
        {"34 61 1e", {"4a", ""}},
        {"34 61 1e 1e 34 62", {"4a", "", "4b"}},
        {"34 00 0a 1e ff", {std::string("4\0\n", 3), "\xff"}},
        {"34 c2 9e 1d 1f 1e 36", {"4\xc2\x9e\x1d\x1f", "6"}},
    };
    for (const Row& row : rows) {
      CAPTURE(row.hex);
      CHECK(packets_in(test::from_hex(row.hex)) == row.packets);
    }
  }

  TEST_CASE("its packets look into it, and nothing is copied") {
    const std::string payload =
        "4a\x1e"
        "4b";
    PayloadReader reader(payload);
    CHECK(reader.next()->data() == payload.data());
    CHECK(reader.next()->data() == payload.data() + 3);
  }

  TEST_CASE("has no limit on its packets but its size") {
    const std::size_t size = 1'000'000;
    const std::string separators(size, packet_separator);
    PayloadReader reader(separators);
    std::size_t count = 0;
    bool are_empty = true;
    while (const auto packet = reader.next()) {
      ++count;
      are_empty = are_empty && packet->empty();
    }
    CHECK(are_empty);
    CHECK(count == size + 1);
  }

  TEST_CASE("is written packet by packet") {
    std::string payload;
    append_packet(payload, "2");
    CHECK(payload == "2");
    const std::array<std::string_view, 3> parts{"2[\"e\",", "", "1]"};
    append_message(payload, parts);
    CHECK(payload ==
          "2\x1e"
          "42[\"e\",1]");
    append_message(payload, {});
    append_binary(payload, as_bytes(std::string_view("\x01\x02\x03\x04")));
    append_binary(payload, {});
    CHECK(payload ==
          "2\x1e"
          "42[\"e\",1]\x1e"
          "4\x1e"
          "bAQIDBA==\x1e"
          "b");
    CHECK(packets_in(payload) == Packets{"2", "42[\"e\",1]", "4", "bAQIDBA==", "b"});
  }

  TEST_CASE("a separator inside of a message becomes a blank, wherever it is") {
    const std::array<std::string_view, 3> parts{
        "\x1e"
        "a",
        "b\x1e\x1e", "c\x1e"};
    std::string payload;
    append_message(payload, parts);
    append_message(payload, parts);
    CHECK(packets_in(payload) == Packets{"4 ab  c ", "4 ab  c "});
  }
}

}  // namespace banter::engine
