#include "base/json_string.h"

#include <doctest/doctest.h>

#include <vector>

#include "banter/raw_argument.h"

using namespace banter;
using namespace std::string_literals;

namespace {

struct Row {
  std::string raw;
  std::string value;
};

// RFC 8259 section 7.
const std::vector<Row> readings = {
    {R"("")", ""},
    {R"("plain")", "plain"},
    {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
    {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
    {R"("\u0000x")", "\0x"s},
    {R"("\ud83d\uDE00")", "\xF0\x9F\x98\x80"},
    {R"("\ud800")", "\xEF\xBF\xBD"},
    {R"("\udc00")", "\xEF\xBF\xBD"},
    {R"("\ud800x")", "\xEF\xBF\xBDx"},
    {R"("\ud800\n")", "\xEF\xBF\xBD\n"},
    {R"("\ud800\u0041")",
     "\xEF\xBF\xBD"
     "A"},
    {R"("\ud800\ud800\udc00")", "\xEF\xBF\xBD\xF0\x90\x80\x80"},
    {R"("\udc00\ud800")", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {R"("tail\\")", "tail\\"},
    {"\"h\xC3\xA9llo\"", "h\xC3\xA9llo"},
};

std::string written(std::string_view text) {
  std::string out;
  base::append_quoted(out, text);
  return out;
}

}  // namespace

TEST_SUITE("json strings") {
  TEST_CASE("are read with every escape; a lone surrogate becomes U+FFFD") {
    for (const Row& row : readings) {
      CAPTURE(row.raw);
      std::string value = "left over";
      CHECK(detail::decode_string(row.raw, value));
      CHECK(value == row.value);
      detail::TextStorage storage;
      CHECK(detail::decode_text(row.raw, storage));
      CHECK(storage.view() == row.value);
    }
  }

  TEST_CASE("a view without escapes looks at the packet itself") {
    const std::string raw = R"("plain")";
    detail::TextStorage storage;
    REQUIRE(detail::decode_text(raw, storage));
    CHECK(storage.view().data() == raw.data() + 1);
  }

  TEST_CASE("a view survives the move of its storage") {
    detail::TextStorage storage;
    REQUIRE(detail::decode_text(R"("a\tb")", storage));
    const detail::TextStorage moved = std::move(storage);
    CHECK(moved.view() == "a\tb");
  }

  TEST_CASE("other kinds are not strings") {
    std::string value;
    detail::TextStorage storage;
    for (const std::string raw : {"", "null", "1", "true", "[]", "{}"}) {
      CAPTURE(raw);
      CHECK_FALSE(detail::decode_string(raw, value));
      CHECK_FALSE(detail::decode_text(raw, storage));
    }
  }

  TEST_CASE("are compared through their escapes") {
    CHECK(base::string_is(R"("num")", "num"));
    CHECK(base::string_is(R"("n\u0075m")", "num"));
    CHECK_FALSE(base::string_is(R"("numb")", "num"));
    CHECK_FALSE(base::string_is(R"("n\u0076m")", "num"));
    CHECK_FALSE(base::string_is(R"("nu\m")", "num\\m"));
  }

  TEST_CASE(
      "are written as JSON.stringify does: quote, backslash and control characters escaped, nothing else") {
    CHECK(written("") == R"("")");
    CHECK(written("a/b") == R"("a/b")");
    CHECK(written("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
    CHECK(written("\0\x01\x1e\x1f"s) == R"("\u0000\u0001\u001e\u001f")");
    CHECK(written("\x7F\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80") ==
          "\"\x7F\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\"");
  }

  TEST_CASE("are written as valid UTF-8: a bad sequence becomes U+FFFD") {
    CHECK(written("a\xFFz") == "\"a\xEF\xBF\xBDz\"");
    CHECK(written("\xE2\x82") == "\"\xEF\xBF\xBD\"");
    CHECK(written("\xED\xA0\x80\"") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"");
  }

  TEST_CASE("are written right wherever the special byte falls in a block") {
    for (std::size_t offset = 0; offset < 40; ++offset) {
      for (const auto& [special, form] :
           {Row{"\"", "\\\""}, Row{"\n", "\\n"}, Row{"\xC3\xA9", "\xC3\xA9"}, Row{"\xFF", "\xEF\xBF\xBD"}}) {
        CAPTURE(offset);
        const std::string before(offset, 'x'), after(40 - offset, 'y');
        CHECK(written(before + special + after) == "\"" + before + form + after + "\"");
      }
    }
  }

  TEST_CASE("every ASCII character comes back as it was") {
    for (int c = 0; c < 0x80; ++c) {
      const std::string text(1, static_cast<char>(c));
      std::string back;
      REQUIRE(detail::decode_string(written(text), back));
      CHECK(back == text);
    }
  }
}
