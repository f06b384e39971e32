#include "base/json_scanner.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "banter/json.h"

using namespace banter;
using namespace banter::base;

namespace {

// By value: a range-for over a member of a temporary would look at what is gone.
json vectors(const char* list) {
  std::ifstream file(BANTER_TEST_VECTORS "/json_texts.json");
  REQUIRE(file);
  return json::parse(file).at(list);
}

std::string nested(std::size_t depth, std::string_view open, std::string_view close,
                   std::string_view inside = "") {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i)
    text += open;
  text += inside;
  for (std::size_t i = 0; i < depth; ++i)
    text += close;
  return text;
}

std::vector<std::string_view> elements_of(std::string_view text) {
  std::vector<std::string_view> elements;
  REQUIRE(split_array(text, elements));
  return elements;
}

bool is_array(std::string_view text) {
  std::vector<std::string_view> elements;
  return split_array(text, elements);
}

bool is_object(std::string_view text) {
  std::vector<RawMember> members;
  return split_object(text, members);
}

}  // namespace

TEST_SUITE("json scanner") {
  TEST_CASE("accepts every valid text, alone and inside arrays and objects") {
    for (const json& row : vectors("accepted")) {
      const auto text = row.at("text").get<std::string>();
      CAPTURE(text);
      CHECK(is_json(text));
      CHECK(is_array("[" + text + "]"));
      CHECK(is_array("[[" + text + "],{\"k\":" + text + "}]"));
      CHECK(is_object("{\"k\":" + text + "}"));
    }
  }

  TEST_CASE("refuses every invalid text, alone and inside arrays and objects") {
    for (const json& row : vectors("refused")) {
      const auto text = row.get<std::string>();
      CAPTURE(text);
      CHECK_FALSE(is_json(text));
      const bool is_space = text.find_first_not_of(' ') == std::string::npos;  // "[ ]" is an empty array
      const bool is_list = text == "1 2" ? false : is_json("[" + text + "]");
      CHECK(is_list == is_space);
      CHECK_FALSE(is_json("{\"k\":" + text + "}"));
      CHECK_FALSE(is_array("[0,[" + text + ",0]]"));
    }
  }

  TEST_CASE("refuses a valid text that is cut anywhere") {
    const std::string_view text = R"(["a\u00e9\n", -1.5e+3, {"k" : [true, false, null], "l":{}}, []])";
    REQUIRE(is_array(text));
    for (std::size_t size = 0; size < text.size(); ++size) {
      CAPTURE(size);
      const std::string cut(text.substr(0, size));  // its own allocation: reading past the end shows
      CHECK_FALSE(is_json(cut));
      CHECK_FALSE(is_array(cut));
    }
    const std::string_view object = R"({"a\"b" : [1, {"c":2}] , "d":"e"})";
    REQUIRE(is_object(object));
    for (std::size_t size = 0; size < object.size(); ++size)
      CHECK_FALSE(is_object(std::string(object.substr(0, size))));
  }

  TEST_CASE("gives the extents of an array's elements, without the space around them") {
    CHECK(elements_of(R"( [ "a" ,1.0,{"b":[2, 3]} , [ ] ] )") ==
          std::vector<std::string_view>{"\"a\"", "1.0", "{\"b\":[2, 3]}", "[ ]"});
    CHECK(elements_of("[]").empty());
  }

  TEST_CASE("gives the members of an object as written, in order, duplicates included") {
    std::vector<RawMember> members;
    REQUIRE(split_object(R"({ "b" : 1,"\u0061":[2], "b":{"c":3} })", members));
    CHECK(members == std::vector<RawMember>{{"\"b\"", "1"}, {"\"\\u0061\"", "[2]"}, {"\"b\"", "{\"c\":3}"}});
    REQUIRE(split_object("{}", members));
    CHECK(members.empty());
  }

  TEST_CASE("an array is not an object, and a value is neither") {
    for (const std::string text : {"{}", "1", "\"[]\"", "null", "", "  "})
      CHECK_FALSE(is_array(text));
    for (const std::string text : {"[]", "1", "\"{}\"", "null", "", "  "})
      CHECK_FALSE(is_object(text));
  }

  TEST_CASE("refuses anything behind the value but white space") {
    CHECK(is_array("[1] \r\n\t"));
    for (const std::string text : {"[1]x", "[1] ]", "[1],", "[1]["})
      CHECK_FALSE(is_array(text));
    CHECK_FALSE(is_array(std::string("[1]\0", 4)));
    CHECK_FALSE(is_object("{}x"));
  }

  TEST_CASE("refuses a byte order mark") {
    CHECK_FALSE(is_json("\xEF\xBB\xBF[]"));
    CHECK_FALSE(is_array("\xEF\xBB\xBF[]"));
  }

  TEST_CASE("an escaped lone surrogate is legal, as JSON.stringify writes half an emoji") {
    CHECK(is_array(R"(["\ud800"])"));
    CHECK(is_array(R"(["\udc00\ud800 \uD83Dx"])"));
  }

  TEST_CASE("numbers may be longer than any type") {
    CHECK(is_array("[1e400,-1e-400,123456789012345678901234567890,0." + std::string(1000, '1') + "]"));
  }

  TEST_CASE("nesting is limited to 512 brackets of either kind") {
    for (const auto& [open, close, inside] : {std::tuple{"[", "]", ""}, std::tuple{"{\"k\":", "}", "0"}}) {
      CAPTURE(open);
      CHECK(is_json(nested(512, open, close, inside)));
      CHECK_FALSE(is_json(nested(513, open, close, inside)));
    }
    CHECK(is_array(nested(512, "[", "]")));
    CHECK_FALSE(is_array(nested(513, "[", "]")));
    CHECK(is_object(nested(512, "{\"k\":", "}", "0")));
    CHECK_FALSE(is_object(nested(513, "{\"k\":", "}", "0")));
    CHECK_FALSE(is_json(std::string(1'000'000, '[')));
  }

  TEST_CASE("the limit is of open brackets, not of all") {
    std::string text = "[";
    for (int i = 0; i < 2000; ++i)
      text += "{\"k\":[1]},";
    CHECK(is_json(text + "0]"));
  }

  TEST_CASE("mixed nesting remembers which bracket is which") {
    CHECK(is_json(nested(256, "[{\"k\":", "}]", "0")));
    CHECK_FALSE(is_json(nested(256, "[{\"k\":", "]}", "0")));
    std::string wrong = nested(130, "[", "]");
    wrong[wrong.size() - 64] = '}';
    CHECK_FALSE(is_json(wrong));
  }

  TEST_CASE("finds control characters, quotes and escapes at every offset of a long string") {
    for (std::size_t offset = 0; offset < 40; ++offset) {
      CAPTURE(offset);
      std::string text = "\"" + std::string(40, 'x') + "\"";
      text[1 + offset] = '\x1F';
      CHECK_FALSE(is_json(text));
      text[1 + offset] = '"';
      CHECK_FALSE(is_json(text));
      text[1 + offset] = '\\';  // followed by x, or by the closing quote
      CHECK_FALSE(is_json(text));
      text[1 + offset] = '\x20';
      CHECK(is_json(text));
      text[1 + offset] = '\x7F';
      CHECK(is_json(text));
    }
  }

  TEST_CASE("tells kinds apart by the first byte") {
    CHECK(kind_of("null") == JsonKind::null);
    CHECK(kind_of("true") == JsonKind::boolean);
    CHECK(kind_of("false") == JsonKind::boolean);
    CHECK(kind_of("-1") == JsonKind::number);
    CHECK(kind_of("9") == JsonKind::number);
    CHECK(kind_of("\"\"") == JsonKind::string);
    CHECK(kind_of("[]") == JsonKind::array);
    CHECK(kind_of("{}") == JsonKind::object);
  }

  TEST_CASE("an event name that is not a string is told by its kind (CVE-2023-32695)") {
    CHECK(kind_of(elements_of(R"([{"toString":"foo"}])")[0]) == JsonKind::object);
    CHECK(kind_of(elements_of(R"([true,"x"])")[0]) == JsonKind::boolean);
    CHECK(kind_of(elements_of(R"([null,"x"])")[0]) == JsonKind::null);
    CHECK(kind_of(elements_of(R"([["x"]])")[0]) == JsonKind::array);
    CHECK(kind_of(elements_of("[5]")[0]) == JsonKind::number);
    CHECK(elements_of("[]").empty());
  }

  TEST_CASE("reuses the memory of the vector it fills") {
    std::vector<std::string_view> elements;
    REQUIRE(split_array("[1,2,3,4,5,6,7,8]", elements));
    const std::size_t capacity = elements.capacity();
    REQUIRE(split_array("[1]", elements));
    CHECK(elements.size() == 1);
    CHECK(elements.capacity() == capacity);
  }
}
