#include "websocket/unmask.h"

#include <doctest/doctest.h>

#include <string>

namespace banter::websocket {

TEST_SUITE("websocket unmask") {
  TEST_CASE("XORs payload byte i with mask[i mod 4], at every length and in two parts") {
    const MaskKey key{'\x11', '\x2d', '\xf8', '\x3d'};
    for (std::size_t length = 0; length <= 70; ++length) {
      for (std::size_t cut = 0; cut <= length; ++cut) {
        CAPTURE(length);
        CAPTURE(cut);
        std::string plain, bytes;
        for (std::size_t i = 0; i < length; ++i) {
          plain += static_cast<char>(i * 7);
          bytes += static_cast<char>(plain[i] ^ key[i % 4]);
        }
        MaskKey due = key;
        unmask(std::span(bytes).first(cut), due);
        unmask(std::span(bytes).subspan(cut), due);
        REQUIRE(bytes == plain);
      }
    }
  }

  TEST_CASE("tells a byte of 0x80 or above wherever it is") {
    for (std::size_t length = 1; length <= 40; ++length) {
      for (std::size_t at = 0; at < length; ++at) {
        CAPTURE(length);
        CAPTURE(at);
        std::string plain(length, '\x7f');
        MaskKey none{};
        REQUIRE_FALSE(unmask(plain, none));
        plain[at] = '\x80';
        REQUIRE(unmask(plain, none));
      }
    }
  }

  TEST_CASE("a masked byte of 0x80 that is plain ASCII does not count") {
    std::string masked(20, '\xff');
    MaskKey key{'\x80', '\x80', '\x80', '\x80'};
    CHECK_FALSE(unmask(masked, key));
    CHECK(masked == std::string(20, '\x7f'));
  }
}

}  // namespace banter::websocket
