#include "banter/encode.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/placeholders.h"

using namespace banter;

namespace shop {

struct Order {
  std::string item;
  int count = 0;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Order, item, count)
};

struct File {
  std::string name;
  Bytes content;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(File, name, content)
};

struct Unwilling {
  friend void to_json(json&, const Unwilling&) { throw std::runtime_error("no"); }
};

struct Opaque {};

}  // namespace shop

namespace {

template <class T>
std::string text_of(T&& value) {
  std::string text;
  Encoder encoder(text);
  encode(encoder, std::forward<T>(value));
  return text;
}

}  // namespace

TEST_SUITE("encoding") {
  TEST_CASE("scalars") {
    CHECK(text_of(nullptr) == "null");
    CHECK(text_of(true) == "true");
    CHECK(text_of(false) == "false");
    CHECK(text_of(0) == "0");
    CHECK(text_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(text_of(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(text_of(std::int8_t{-5}) == "-5");
    CHECK(text_of(std::uint8_t{250}) == "250");
  }

  TEST_CASE("doubles are spelled as JSON numbers that read back as the same value") {
    const std::vector<std::pair<double, std::string>> table = {
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {100000.0, "100000"},
        {1e15, "1000000000000000"},
        {9007199254740991.0, "9007199254740991"},
        {1e21, "1e+21"},
        {1e300, "1e+300"},
        {0.000001, "0.000001"},
        {1.5e-7, "1.5e-07"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
    };
    for (const auto& [value, text] : table) {
      CAPTURE(text);
      CHECK(text_of(value) == text);
      double back = 0;
      CHECK(detail::decode_double(text, back));
      CHECK(back == value);
    }
    for (const double value : {1.2345678901234567e20, 999999999999999868928.0, 1.2345678901234567e-6}) {
      double back = 0;
      CHECK(detail::decode_double(text_of(value), back));
      CHECK(back == value);
    }
    CHECK(text_of(0.5F) == "0.5");
  }

  TEST_CASE("what JSON has no number for is null, and minus zero is zero, as in JavaScript") {
    CHECK(text_of(std::numeric_limits<double>::quiet_NaN()) == "null");
    CHECK(text_of(std::numeric_limits<double>::infinity()) == "null");
    CHECK(text_of(-std::numeric_limits<double>::infinity()) == "null");
    CHECK(text_of(-0.0) == "0");
    CHECK(text_of(json(-0.0)) == "0");
    CHECK(text_of(json(std::numeric_limits<double>::infinity())) == "null");
  }

  TEST_CASE("text of every kind") {
    const char* const pointer = "a\"b";
    CHECK(text_of(pointer) == R"("a\"b")");
    CHECK(text_of("literal") == R"("literal")");
    CHECK(text_of(std::string("s\n")) == R"("s\n")");
    CHECK(text_of(std::string_view("v")) == R"("v")");
    CHECK(text_of("bad \xFF") == "\"bad \xEF\xBF\xBD\"");
  }

  TEST_CASE("containers, without spaces") {
    CHECK(text_of(std::vector<int>{}) == "[]");
    CHECK(text_of(std::vector{1, 2}) == "[1,2]");
    CHECK(text_of(std::vector<bool>{true, false}) == "[true,false]");
    CHECK(text_of(std::array{1.5, 2.0}) == "[1.5,2]");
    CHECK(text_of(std::vector<std::vector<std::string>>{{"a"}, {}}) == R"([["a"],[]])");
    CHECK(text_of(std::optional<int>()) == "null");
    CHECK(text_of(std::optional(5)) == "5");
    CHECK(text_of(std::map<std::string, int>{}) == "{}");
    CHECK(text_of(std::map<std::string, int>{{"a\t", 1}, {"b", 2}}) == R"({"a\t":1,"b":2})");
    CHECK(text_of(std::map<std::string, std::vector<int>>{{"a", {}}}) == R"({"a":[]})");
  }

  TEST_CASE("json of every kind") {
    CHECK(text_of(json()) == "null");
    CHECK(text_of(json::array()) == "[]");
    CHECK(text_of(json::object()) == "{}");
    CHECK(text_of(json{{"z", {1, -2, 1.5, "s", nullptr, true}}, {"a", {{"b", json::array()}}}}) ==
          R"({"a":{"b":[]},"z":[1,-2,1.5,"s",null,true]})");
  }

  TEST_CASE("json strings that are not UTF-8 do not throw") {
    CHECK(text_of(json("\xFF")) == "\"\xEF\xBF\xBD\"");
  }

  TEST_CASE("types of the application through their to_json") {
    CHECK(text_of(shop::Order{"tea", 2}) == R"({"count":2,"item":"tea"})");
    CHECK(text_of(std::vector{shop::Order{"tea", 2}}) == R"([{"count":2,"item":"tea"}])");
    CHECK(text_of(std::pair(1, "x")) == R"([1,"x"])");
    CHECK_THROWS_AS(text_of(shop::Unwilling{}), std::runtime_error);
  }

  TEST_CASE("binary values become placeholders, depth first, in the order of arrays and keys") {
    std::string text = "[";
    Encoder encoder(text);
    const json nested = {{"z", json(Bytes("in z"))}, {"a", {1, json(Bytes("in a"))}}};
    encode_arguments(encoder, "file", Bytes("first"), nested, shop::File{"n", Bytes("in struct")});
    text += ']';
    CHECK(
        text ==
        R"(["file",{"_placeholder":true,"num":0},{"a":[1,{"_placeholder":true,"num":1}],"z":{"_placeholder":true,"num":2}},)"
        R"({"content":{"_placeholder":true,"num":3},"name":"n"}])");
    CHECK(encoder.attachments() ==
          std::vector{Bytes("first"), Bytes("in a"), Bytes("in z"), Bytes("in struct")});
  }

  TEST_CASE("views and vectors of bytes are binary too") {
    std::string text;
    Encoder encoder(text);
    const Bytes bytes("x");
    encode(encoder, bytes.span());
    encode(encoder, std::vector{std::byte{'y'}});
    encode(encoder, std::optional(bytes));
    CHECK(encoder.attachments() == std::vector{Bytes("x"), Bytes("y"), Bytes("x")});
  }

  TEST_CASE("a value met twice is two attachments") {
    std::string text = "[";
    Encoder encoder(text);
    const Bytes bytes("same");
    encode_arguments(encoder, bytes, bytes);
    CHECK(text == R"([{"_placeholder":true,"num":0},{"_placeholder":true,"num":1})");
    CHECK(encoder.attachments() == std::vector{bytes, bytes});
    CHECK(bytes == Bytes("same"));
  }

  TEST_CASE("bytes given away are not copied") {
    std::string text;
    Encoder encoder(text);
    Bytes bytes("a long text that no small buffer holds");
    const std::byte* const memory = bytes.data();
    encode(encoder, std::move(bytes));
    CHECK(encoder.take_attachments().at(0).data() == memory);
    CHECK(encoder.attachments().empty());
  }

  TEST_CASE("the placeholders' places make the base64 form without a look at the JSON") {
    std::string text = "prefix[";
    Encoder encoder(text);
    std::vector<Bytes> eleven(11, Bytes("\x01\x02"));
    encode_arguments(encoder, "{\"_placeholder\":true,\"num\":0}", eleven, 5);
    text += ']';
    std::string native;
    base::append_with_base64(native, text, encoder.placeholders(), encoder.attachments());
    std::string wanted = R"(prefix["{\"_placeholder\":true,\"num\":0}",[)";
    for (int i = 0; i < 11; ++i)
      wanted += i == 0 ? R"("AQI=")" : R"(,"AQI=")";
    CHECK(native == wanted + "],5]");
  }

  TEST_CASE("arguments follow an opening bracket or a comma") {
    std::string text = "[";
    Encoder encoder(text);
    encode_arguments(encoder);
    CHECK(text == "[");
    encode_arguments(encoder, "a", 1);
    encode_arguments(encoder, std::vector<int>{});
    CHECK(text == R"(["a",1,[])");
  }

  TEST_CASE("the compiler knows what can be sent") {
    CHECK(Encodable<const Bytes&>);
    CHECK(Encodable<char[4]>);
    CHECK(Encodable<std::vector<shop::Order>>);
    CHECK_FALSE(Encodable<shop::Opaque>);
    CHECK_FALSE(Encodable<char>);
    CHECK_FALSE(Encodable<std::vector<shop::Opaque>>);
  }
}
