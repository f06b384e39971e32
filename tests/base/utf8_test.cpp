#include "base/utf8.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace banter::base;
using namespace std::string_literals;

namespace {

// RFC 3629 section 4, row by row.
const std::vector<std::string> valid = {
    "",
    "\x7F",
    "a\0b"s,
    "\xC2\x80",          // U+0080, the first of two bytes
    "\xDF\xBF",          // U+07FF, the last
    "\xE0\xA0\x80",      // U+0800, the first of three
    "\xED\x9F\xBF",      // U+D7FF, the last in front of the surrogates
    "\xEE\x80\x80",      // U+E000, the first behind them
    "\xEF\xBF\xBF",      // U+FFFF
    "\xF0\x90\x80\x80",  // U+10000, the first of four
    "\xF4\x8F\xBF\xBF",  // U+10FFFF, the last
    "h\xC3\xA9llo w\xC3\xB6rld, \xE2\x82\xAC 5 and a long tail of ASCII \xF0\x9F\x98\x80",
};

struct Bad {
  std::string what;
  std::string text;
  std::size_t
      fails_at;  // the first byte that no valid text could have there; the size if only the end is missing
  std::string repaired;
};

#define FFFD "\xEF\xBF\xBD"

const std::vector<Bad> bad = {
    {"a continuation byte on its own", "a\x80z", 1, "a" FFFD "z"},
    {"a two byte sequence cut short", "\xC3z", 1, FFFD "z"},
    {"an overlong two byte form", "\xC0\xAF", 0, FFFD FFFD},
    {"an overlong three byte form", "\xE0\x80\xAF", 1, FFFD FFFD FFFD},
    {"an overlong four byte form", "\xF0\x80\x80\xAF", 1, FFFD FFFD FFFD FFFD},
    {"a high surrogate", "\xED\xA0\x80", 1, FFFD FFFD FFFD},
    {"a low surrogate", "\xED\xBF\xBF", 1, FFFD FFFD FFFD},
    {"a code point above U+10FFFF", "\xF4\x90\x80\x80", 1, FFFD FFFD FFFD FFFD},
    {"a lead byte of five", "\xF8\x88\x80\x80\x80", 0, FFFD FFFD FFFD FFFD FFFD},
    {"the bytes FE and FF", "\xFE\xFF", 0, FFFD FFFD},
    {"a three byte sequence with a bad third byte", "\xE2\x82z", 2, FFFD "z"},
    {"a four byte sequence with a bad third byte", "\xF0\x9Fz", 2, FFFD "z"},
    {"a four byte sequence with a bad last byte", "\xF0\x9F\x98\xC3\xA9", 3, FFFD "\xC3\xA9"},
    {"a sequence that the text ends in", "0123456789abcdef\xF0\x9F\x98", 19, "0123456789abcdef" FFFD},
    {"an error behind two blocks of sixteen", std::string(33, 'x') + "\xFFy", 33,
     std::string(33, 'x') + FFFD "y"},
};

#undef FFFD

// Feeds `text` in pieces of `chunk`; the index of the byte that was refused, or the size if none was.
std::size_t refused_at(Utf8Validator& validator, std::string_view text, std::size_t chunk) {
  for (std::size_t i = 0; i < text.size(); i += chunk) {
    if (!validator.append(text.substr(i, chunk))) return i;
  }
  return text.size();
}

}  // namespace

TEST_SUITE("utf-8") {
  TEST_CASE("accepts every boundary of RFC 3629") {
    for (const std::string& text : valid) {
      CAPTURE(text);
      CHECK(is_valid_utf8(text));
    }
  }

  TEST_CASE("refuses overlong forms, surrogates, what is above U+10FFFF and cut sequences") {
    for (const Bad& row : bad) {
      CAPTURE(row.what);
      CHECK_FALSE(is_valid_utf8(row.text));
    }
  }

  TEST_CASE("finds an error at every offset of a block") {
    for (std::size_t offset = 0; offset < 40; ++offset) {
      CAPTURE(offset);
      std::string text(40, 'x');
      text[offset] = '\xFF';
      CHECK_FALSE(is_valid_utf8(text));
    }
  }

  TEST_CASE("the incremental check agrees with the whole one however the text is cut up") {
    for (const std::string& text : valid) {
      for (std::size_t chunk = 1; chunk <= text.size(); ++chunk) {
        CAPTURE(text);
        CAPTURE(chunk);
        Utf8Validator validator;
        CHECK(refused_at(validator, text, chunk) == text.size());
        CHECK(validator.is_complete());
      }
    }
    for (const Bad& row : bad) {
      for (std::size_t chunk = 1; chunk <= row.text.size(); ++chunk) {
        CAPTURE(row.what);
        CAPTURE(chunk);
        Utf8Validator validator;
        const bool only_cut = row.fails_at == row.text.size();
        CHECK(refused_at(validator, row.text, chunk) ==
              (only_cut ? row.fails_at : row.fails_at / chunk * chunk));
        CHECK_FALSE(validator.is_complete());
      }
    }
  }

  TEST_CASE("the incremental check fails with the first byte that cannot be right") {
    for (const Bad& row : bad) {
      CAPTURE(row.what);
      Utf8Validator validator;
      CHECK(refused_at(validator, row.text, 1) == row.fails_at);
    }
  }

  TEST_CASE("a failure of the incremental check is final until reset") {
    Utf8Validator validator;
    CHECK_FALSE(validator.append("\xFF"));
    CHECK_FALSE(validator.append("ascii"));
    validator.reset();
    CHECK(validator.append("ascii"));
    CHECK(validator.is_complete());
  }

  TEST_CASE("the repair writes one U+FFFD for each maximal subpart") {
    for (const Bad& row : bad) {
      CAPTURE(row.what);
      std::string repaired = "kept ";
      append_lossy(repaired, row.text);
      CHECK(repaired == "kept " + row.repaired);
    }
  }

  TEST_CASE("the repair leaves valid text alone") {
    for (const std::string& text : valid) {
      std::string copy;
      append_lossy(copy, text);
      CHECK(copy == text);
    }
  }

  TEST_CASE("writes code points; surrogates and what is above U+10FFFF as U+FFFD") {
    const std::vector<std::pair<char32_t, std::string>> table = {
        {U'A', "A"},
        {0x7F, "\x7F"},
        {0x80, "\xC2\x80"},
        {0x7FF, "\xDF\xBF"},
        {0x800, "\xE0\xA0\x80"},
        {0xD7FF, "\xED\x9F\xBF"},
        {0xD800, "\xEF\xBF\xBD"},
        {0xDFFF, "\xEF\xBF\xBD"},
        {0xE000, "\xEE\x80\x80"},
        {0xFFFF, "\xEF\xBF\xBF"},
        {0x10000, "\xF0\x90\x80\x80"},
        {0x10FFFF, "\xF4\x8F\xBF\xBF"},
        {0x110000, "\xEF\xBF\xBD"},
    };
    for (const auto& [code_point, wanted] : table) {
      CAPTURE(static_cast<std::uint32_t>(code_point));
      std::string written;
      append_utf8(written, code_point);
      CHECK(written == wanted);
    }
  }
}
