#include "base/base64.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace banter;
using namespace banter::base;

namespace {

struct Vector {
  std::string bytes;
  std::string text;
};

// RFC 4648 section 10, and what uses the last two digits of the alphabet.
const std::vector<Vector> vectors = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\x01\x02\x03\x04", "AQIDBA=="},
    {"\xFB\xEF\xBE\xFF", "++++/w=="},
};

}  // namespace

TEST_SUITE("base64") {
  TEST_CASE("encodes and decodes the vectors of RFC 4648") {
    for (const Vector& row : vectors) {
      CAPTURE(row.text);
      std::string text = "b";
      append_base64(text, as_bytes(row.bytes));
      CHECK(text == "b" + row.text);
      CHECK(base64_size(row.bytes.size()) == row.text.size());
      Bytes bytes;
      REQUIRE(decode_base64(row.text, bytes));
      CHECK(bytes.text() == row.bytes);
    }
  }

  TEST_CASE("the url-safe alphabet differs in two digits and has no padding") {
    std::string text;
    append_base64url(text, as_bytes("\xFB\xEF\xBE\xFF"));
    CHECK(text == "----_w");
  }

  TEST_CASE("brings back every byte value at every length") {
    std::string all;
    for (int i = 0; i < 256; ++i)
      all += static_cast<char>(i);
    for (std::size_t size = 0; size <= all.size(); ++size) {
      std::string text;
      append_base64(text, as_bytes(std::string_view(all).substr(0, size)));
      Bytes bytes;
      REQUIRE(decode_base64(text, bytes));
      CHECK(bytes.text() == all.substr(0, size));
    }
  }

  TEST_CASE("refuses what is not strictly base64, and then leaves the output alone") {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"no padding", "Zg"},
        {"half the padding", "Zg="},
        {"a length that no bytes have", "Zm9vY"},
        {"only padding", "===="},
        {"too much padding", "Z==="},
        {"padding in the middle", "Zg==Zg=="},
        {"something behind the padding", "Zm8=A"},
        {"a digit behind padding", "Zm=v"},
        {"white space", "Zm9v\nYg="},
        {"the url-safe digit -", "----"},
        {"the url-safe digit _", "AAA_"},
        {"a byte outside ASCII", "Zm9\xC3"},
        {"a bad digit in the last group", "Z!=="},
        {"unused bits that are not zero, of two digits", "Zh=="},
        {"unused bits that are not zero, of three digits", "Zm9="},
    };
    for (const auto& [what, text] : table) {
      CAPTURE(what);
      Bytes bytes("before");
      CHECK_FALSE(decode_base64(text, bytes));
      CHECK(bytes.text() == "before");
    }
  }
}
