// The vectors are those of RFC 7692 section 7.2.3, which compress "Hello".
#include "base/deflate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/hex.h"

namespace banter::base {

using test::from_hex;
using test::to_hex;

namespace {

constexpr std::size_t no_limit = 10'000'000;

std::string deflated(std::string_view message) {
  std::string out;
  Deflater().append(out, message);
  return out;
}

struct Inflated {
  InflateResult result;
  std::string message;

  bool operator==(const Inflated&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Inflated& inflated) {
  return out << "result " << int(inflated.result) << ", " << inflated.message.size() << " bytes";
}

Inflated inflated(std::string_view compressed, std::size_t limit = no_limit, int window_bits = 15) {
  Inflated inflated;
  inflated.result = Inflater(window_bits).append(inflated.message, compressed, limit);
  return inflated;
}

Inflated ok(std::string_view message) {
  return {InflateResult::ok, std::string(message)};
}

// Bytes that do not compress.
std::string noise(std::size_t size) {
  std::minstd_rand random(1);
  std::string bytes(size, '\0');
  std::generate(bytes.begin(), bytes.end(), [&random] { return static_cast<char>(random() >> 8); });
  return bytes;
}

// Words that repeat, now and then from far back.
std::string prose(std::size_t size) {
  std::minstd_rand random(2);
  std::string text;
  while (text.size() < size)
    text += "word" + std::to_string(random() % 5000) + ' ';
  text.resize(size);
  return text;
}

}  // namespace

TEST_SUITE("deflater") {
  TEST_CASE("a message is one block flushed to a byte, without the final 00 00 ff ff (section 7.2.3.1)") {
    CHECK(to_hex(deflated("Hello")) == "f2 48 cd c9 c9 07 00");
  }

  TEST_CASE("a second message refers to the first; after reset() it is compressed anew (section 7.2.3.2)") {
    Deflater deflater;
    std::string first, second, third;
    deflater.append(first, "Hello");
    deflater.append(second, "Hello");
    deflater.reset();
    deflater.append(third, "Hello");
    CHECK(to_hex(first) == "f2 48 cd c9 c9 07 00");
    CHECK(to_hex(second) == "f2 00 11 00 00");
    CHECK(third == first);
  }

  TEST_CASE("an empty message is one byte 00, also behind other messages (section 7.2.3.6)") {
    Deflater deflater;
    std::string out;
    deflater.append(out, "");
    deflater.append(out, "");
    CHECK(to_hex(out) == "00 00");
    deflater.append(out, "Hello");
    deflater.append(out, "");
    deflater.append(out, "Hello");
    CHECK(to_hex(out) == "00 00 f2 48 cd c9 c9 07 00 00 f2 00 11 00 00");
  }

  TEST_CASE("a message may come in parts, empty ones among them, and is appended to what is there") {
    Deflater deflater;
    std::string out = "head ";
    for (const std::string_view part : {"", "He", "", "l", "lo", ""})
      deflater.write(out, part);
    deflater.finish(out);
    CHECK(out == "head " + from_hex("f2 48 cd c9 c9 07 00"));
  }

  TEST_CASE("reset() forgets a message that was not finished") {
    Deflater deflater;
    std::string unfinished, out;
    deflater.write(unfinished, "Goodbye");
    deflater.reset();
    deflater.append(out, "Hello");
    CHECK(to_hex(out) == "f2 48 cd c9 c9 07 00");
  }

  TEST_CASE("what goes in comes out, for every window, level and memory, and lengths around the buffers") {
    const std::string text = prose(100'000), random = noise(70'000);
    for (const DeflaterSettings& settings :
         {DeflaterSettings{9, 1, 1}, DeflaterSettings{9, 9, 9}, DeflaterSettings{10, 8, 6},
          DeflaterSettings{11, 3, 4}, DeflaterSettings{12, 8, 0}, DeflaterSettings{13, 8, 6},
          DeflaterSettings{14, 8, 2}, DeflaterSettings{15, 8, 6}, DeflaterSettings{15, 9, 9}}) {
      CAPTURE(settings.window_bits);
      CAPTURE(settings.level);
      Deflater deflater(settings);
      Inflater inflater(settings.window_bits);
      for (const std::size_t size : {1, 16'383, 16'384, 16'385, 32'768, 65'535, 65'536, 70'000, 0, 5}) {
        for (const std::string_view message :
             {std::string_view(text).substr(0, size), std::string_view(random).substr(0, size)}) {
          CAPTURE(size);
          std::string compressed, out;
          deflater.append(compressed, message);
          REQUIRE(inflater.append(out, compressed, size) == InflateResult::ok);
          REQUIRE(out == message);
        }
      }
    }
  }

  TEST_CASE("nothing is referred to that lies outside of the window") {
    const std::string message = noise(600) + noise(600);  // the repetition begins 600 bytes back
    Deflater narrow({.window_bits = 9}), wide({.window_bits = 10});
    std::string short_sighted, far_sighted;
    narrow.append(short_sighted, message);
    wide.append(far_sighted, message);
    CHECK(short_sighted.size() > 1200);
    CHECK(far_sighted.size() < 700);
    CHECK(inflated(short_sighted, no_limit, 9) == ok(message));
    CHECK(inflated(far_sighted, no_limit, 10) == ok(message));
  }
}

TEST_SUITE("inflater") {
  TEST_CASE("one block, a stored block, two blocks, a final block: each is Hello (sections 7.2.3.1 to .5)") {
    for (const char* compressed : {
             "f2 48 cd c9 c9 07 00",                    // one block
             "00 05 00 fa ff 48 65 6c 6c 6f 00",        // stored
             "f3 48 cd c9 c9 07 00 00",                 // BFINAL = 1, and an empty block
             "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",  // two blocks
             "f3 48 cd c9 c9 07 00",                    // BFINAL = 1 alone: lenient
         }) {
      CAPTURE(compressed);
      CHECK(inflated(from_hex(compressed)) == ok("Hello"));
    }
    CHECK(inflated(from_hex("00")) == ok(""));
  }

  TEST_CASE("messages refer to earlier ones until reset()") {
    Inflater inflater;
    std::string out;
    CHECK(inflater.append(out, from_hex("f2 48 cd c9 c9 07 00"), no_limit) == InflateResult::ok);
    CHECK(inflater.append(out, from_hex("f2 00 11 00 00"), no_limit) == InflateResult::ok);
    CHECK(out == "HelloHello");
    inflater.reset();
    CHECK(inflater.append(out, from_hex("f2 00 11 00 00"), no_limit) == InflateResult::corrupt);
  }

  TEST_CASE("what may be referred to stays behind a final block") {
    Inflater inflater;
    for (const char* final_block : {"f3 48 cd c9 c9 07 00 00", "f3 48 cd c9 c9 07 00"}) {
      std::string out;
      CHECK(inflater.append(out, from_hex(final_block), no_limit) == InflateResult::ok);
      CHECK(inflater.append(out, from_hex("f2 00 11 00 00"), no_limit) == InflateResult::ok);
      CHECK(out == "HelloHello");
    }
    CHECK(inflated(from_hex("f3 48 cd c9 c9 07 00 f2 00 11 00 00")) == ok("HelloHello"));
  }

  TEST_CASE("what is not DEFLATE is corrupt") {
    for (const char* compressed : {
             "06",                             // reserved block type 3
             "ff ff ff ff",                    // the same
             "00 05 00 fa fe 48 65 6c 6c 6f",  // length and complement of a stored block differ
             "f2 00 11 00 00",                 // refers to what was not there
             "f2 48 cd c9 c9 07 00 00 00 ff ff 06",
             "78 9c f3 48 cd c9 c9 07 00 05 8c 01 f5",  // zlib's format
         }) {
      CAPTURE(compressed);
      CHECK(inflated(from_hex(compressed)).result == InflateResult::corrupt);
    }
  }

  TEST_CASE("a message without its end is corrupt, wherever it stops") {
    const std::string whole = deflated(prose(2000));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      REQUIRE(inflated(whole.substr(0, size)).result == InflateResult::corrupt);
    }
    CHECK(inflated(whole) == ok(prose(2000)));
  }

  TEST_CASE("the limit holds to the byte") {
    for (const std::size_t size : {1, 5, 16'383, 16'384, 16'385, 100'000}) {
      CAPTURE(size);
      const std::string compressed = deflated(prose(size));
      CHECK(inflated(compressed, size) == ok(prose(size)));
      CHECK(inflated(compressed, size - 1).result == InflateResult::too_big);
    }
    CHECK(inflated(from_hex("00"), 0) == ok(""));
    CHECK(inflated(deflated("a"), 0).result == InflateResult::too_big);
  }

  TEST_CASE(
      "CVE-2018-1000518: 1 MB that inflates to 1 GB is stopped at the limit, without memory beyond it") {
    std::string bomb;
    const std::string zeros(1'000'000, '\0');
    Deflater deflater({.level = 9});
    for (int i = 0; i < 1000; ++i)
      deflater.write(bomb, zeros);
    deflater.finish(bomb);
    REQUIRE(bomb.size() > 900'000);
    REQUIRE(bomb.size() < 1'100'000);
    for (const std::size_t limit : {100, 10'000, 100'000, 1'000'000, 3'000'000}) {
      CAPTURE(limit);
      std::string out;
      CHECK(Inflater().append(out, bomb, limit) == InflateResult::too_big);
      CHECK(out.size() <= limit);
      CHECK(out.capacity() <= limit);
    }
  }

  TEST_CASE("reset() forgets what is left of a message that was given up") {
    Inflater inflater;
    std::string out;
    CHECK(inflater.append(out, deflated(prose(100'000)), 10) == InflateResult::too_big);
    inflater.reset();
    out.clear();
    CHECK(inflater.append(out, from_hex("f2 48 cd c9 c9 07 00"), 10) == InflateResult::ok);
    CHECK(out == "Hello");
  }

  TEST_CASE("a megabyte of empty blocks is read in linear time" * doctest::timeout(20)) {
    const std::pair<const char*, int> blocks[] = {{"00 00 00 ff ff", 200'000}, {"03 00", 500'000}};
    for (const auto& row : blocks) {
      CAPTURE(row.first);
      std::string compressed = deflated(prose(40'000)) + from_hex("00 00 ff ff");  // the window is full
      const std::string bytes = from_hex(row.first);
      for (int i = 0; i < row.second; ++i)
        compressed += bytes;
      CHECK(inflated(compressed + '\0') == ok(prose(40'000)));
    }
  }
}

TEST_SUITE("compressed bodies") {
  TEST_CASE("gzip is RFC 1952's format, deflate is zlib's (RFC 1950)") {
    CHECK(to_hex(compress("Hello", Coding::gzip)) ==
          "1f 8b 08 00 00 00 00 00 00 03 f3 48 cd c9 c9 07 00 82 89 d1 f7 05 00 00 00");
    CHECK(to_hex(compress("Hello", Coding::deflate)) == "78 9c f3 48 cd c9 c9 07 00 05 8c 01 f5");
    CHECK(to_hex(compress("", Coding::deflate)) == "78 9c 03 00 00 00 00 01");
  }

  TEST_CASE("a long body is whole") {
    const std::string body = prose(200'000);
    const std::string zlib = compress(body, Coding::deflate);
    CHECK(zlib.size() < body.size() / 2);
    CHECK(inflated(std::string_view(zlib).substr(2, zlib.size() - 6)) == ok(body));
  }
}

}  // namespace banter::base
