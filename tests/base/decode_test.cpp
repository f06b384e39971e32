#include "banter/decode.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace banter;
using namespace banter::detail;

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

struct Moody {
  friend void from_json(const json&, Moody&) { throw 42; }
};

struct Opaque {};

enum class Color { red, green };
NLOHMANN_JSON_SERIALIZE_ENUM(Color, {{Color::red, "red"}, {Color::green, "green"}})

enum class Unnamed { zero };

}  // namespace shop

namespace {

const std::vector<Bytes> attachments = {Bytes("zero"), Bytes("one")};

template <class T>
std::optional<T> value(std::string_view text, BinaryForm binary = BinaryForm::attachments) {
  T out{};
  return decode(RawArgument{text, attachments, binary}, out) ? std::optional<T>(std::move(out))
                                                             : std::nullopt;
}

template <class T>
std::optional<T> value_without_attachments(std::string_view text) {
  T out{};
  return decode(RawArgument{text}, out) ? std::optional<T>(std::move(out)) : std::nullopt;
}

}  // namespace

TEST_SUITE("decoding arguments") {
  TEST_CASE("an optional is empty for null and for a missing argument") {
    CHECK_FALSE(value<std::optional<int>>("null").value());
    CHECK_FALSE(value<std::optional<int>>("").value());
    CHECK(value<std::optional<int>>("5").value() == 5);
    CHECK_FALSE(value<std::optional<int>>("\"5\""));
  }

  TEST_CASE("a missing argument fits nothing else") {
    CHECK_FALSE(value<int>(""));
    CHECK_FALSE(value<double>(""));
    CHECK_FALSE(value<bool>(""));
    CHECK_FALSE(value<std::string>(""));
    CHECK_FALSE(value<json>(""));
    CHECK_FALSE(value<Bytes>(""));
    CHECK_FALSE(value<std::vector<int>>(""));
    CHECK_FALSE((value<std::map<std::string, int>>("")));
    CHECK_FALSE(value<shop::Order>(""));
  }

  TEST_CASE("vectors decode element by element") {
    CHECK(value<std::vector<int>>("[]") == std::vector<int>{});
    CHECK(value<std::vector<int>>("[ 1, 2.0 ,3e0 ]") == std::vector<int>{1, 2, 3});
    CHECK(value<std::vector<bool>>("[true,false]") == std::vector<bool>{true, false});
    CHECK(value<std::vector<std::vector<std::string>>>(R"([["a","]"],[],["\""]])") ==
          std::vector<std::vector<std::string>>{{"a", "]"}, {}, {"\""}});
    CHECK(value<std::vector<std::optional<int>>>("[1,null]") ==
          std::vector<std::optional<int>>{1, std::nullopt});
  }

  TEST_CASE("one element that does not fit spoils the vector") {
    CHECK_FALSE(value<std::vector<int>>("[1,\"2\"]"));
    CHECK_FALSE(value<std::vector<int>>("[1,1.5]"));
    CHECK_FALSE(value<std::vector<int>>("{\"0\":1}"));
    CHECK_FALSE(value<std::vector<int>>("1"));
    CHECK_FALSE(value<std::vector<int>>("null"));
  }

  TEST_CASE("an array takes exactly as many elements as it is long") {
    CHECK((value<std::array<int, 2>>("[1,2]") == std::array<int, 2>{1, 2}));
    CHECK_FALSE((value<std::array<int, 2>>("[1]")));
    CHECK_FALSE((value<std::array<int, 2>>("[1,2,3]")));
    CHECK_FALSE((value<std::array<int, 2>>("[1,true]")));
    CHECK((value<std::array<int, 0>>("[]")));
  }

  TEST_CASE("maps take objects, the last of equal keys wins") {
    using Map = std::map<std::string, int>;
    CHECK((value<Map>("{}") == Map{}));
    CHECK((value<Map>(R"({ "a":1, "\u0062" : 2, "a":3 })") == Map{{"a", 3}, {"b", 2}}));
    CHECK((value<std::unordered_map<std::string, bool>>(R"({"x":true})")->at("x")));
    CHECK_FALSE((value<Map>(R"({"a":"1"})")));
    CHECK_FALSE((value<Map>("[]")));
  }

  TEST_CASE("a type of the application goes through its from_json") {
    const auto order = value<shop::Order>(R"({"item":"tea","count":2,"more":null})");
    REQUIRE(order);
    CHECK(order->item == "tea");
    CHECK(order->count == 2);
    CHECK(value<std::vector<shop::Order>>(R"([{"item":"a","count":1}])")->size() == 1);
  }

  TEST_CASE("an enum decodes if its author has said how, and never from any number") {
    CHECK(value<shop::Color>("\"green\"") == shop::Color::green);
    CHECK(Decodable<shop::Color>);
    CHECK_FALSE(Decodable<shop::Unnamed>);
  }

  TEST_CASE("whatever a from_json throws, the argument does not fit") {
    CHECK_FALSE(value<shop::Order>(R"({"item":"tea"})"));
    CHECK_FALSE(value<shop::Order>(R"({"item":1,"count":2})"));
    CHECK_FALSE(value<shop::Order>("null"));
    CHECK_FALSE(value<shop::Moody>("{}"));
  }

  TEST_CASE("json takes anything") {
    CHECK(value<json>("null") == json());
    CHECK(value<json>(R"([1,-1,1.5,"a\n",{"b":[true]}])") == json({1, -1, 1.5, "a\n", {{"b", {true}}}}));
    CHECK(value<json>("18446744073709551615")->is_number_unsigned());
    CHECK(value<json>("-9223372036854775808")->is_number_integer());
  }

  TEST_CASE("json holds integers over 64 bits as doubles, and numbers out of range as infinities") {
    CHECK(value<json>("18446744073709551616")->get<double>() == 18446744073709551616.0);
    CHECK(value<json>("-9223372036854775809")->is_number_float());
    CHECK(value<json>("[-1e400]")->at(0).get<double>() == -std::numeric_limits<double>::infinity());
  }

  TEST_CASE("json keeps the last of equal keys, whatever kind the earlier had") {
    CHECK(value<json>(R"({"a":{"b":1},"a":[2],"c":3,"\u0061":4})") == json({{"a", 4}, {"c", 3}}));
    CHECK(value<json>(R"({"a":1,"a":{"b":2}})") == json({{"a", {{"b", 2}}}}));
  }

  TEST_CASE("json may be as deep as the scanner allows") {
    const std::string deep = std::string(512, '[') + std::string(512, ']');
    const auto decoded = value<json>(deep);
    REQUIRE(decoded);
    CHECK(decoded->dump() == deep);
  }

  TEST_CASE("a placeholder is its attachment: as Bytes, as a view, as a vector, in a json, in a struct") {
    const char* const one = R"({"_placeholder":true,"num":1})";
    CHECK(value<Bytes>(one) == Bytes("one"));
    CHECK(value<std::vector<std::byte>>(one) == Bytes("one").take());
    CHECK(value<json>(one)->get<Bytes>() == Bytes("one"));
    CHECK(value<std::vector<Bytes>>(R"([{"num":1,"_placeholder":true},{"_placeholder":true,"num":0}])") ==
          std::vector{Bytes("one"), Bytes("zero")});
    CHECK(value<shop::File>(R"({"name":"n","content":{"_placeholder":true,"num":0}})")->content ==
          Bytes("zero"));
    BytesStorage view;
    REQUIRE(decode(RawArgument{one, attachments}, view));
    CHECK(view.view().data() == attachments[1].data());
  }

  TEST_CASE("a json has binary wherever a placeholder stands") {
    const auto decoded =
        value<json>(R"({"a":[{"_placeholder":true,"num":1},{"_pl\u0061ceholder":true,"n\u0075m":0}],"b":1})");
    REQUIRE(decoded);
    CHECK(decoded->at("a").at(0).get<Bytes>() == Bytes("one"));
    CHECK(decoded->at("a").at(1).get<Bytes>() == Bytes("zero"));
    CHECK(decoded->at("b") == 1);
  }

  TEST_CASE("a placeholder's number never reads out of range (CVE-2022-2421)") {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"a string", R"({"_placeholder":true,"num":"splice"})"},
        {"a digit in a string", R"({"_placeholder":true,"num":"0"})"},
        {"negative", R"({"_placeholder":true,"num":-1})"},
        {"a fraction", R"({"_placeholder":true,"num":0.5})"},
        {"2^64", R"({"_placeholder":true,"num":18446744073709551616})"},
        {"2^64 as a double", R"({"_placeholder":true,"num":1.8446744073709552e19})"},
        {"2^64 - 1", R"({"_placeholder":true,"num":18446744073709551615})"},
        {"-2^64", R"({"_placeholder":true,"num":-18446744073709551616})"},
        {"infinite", R"({"_placeholder":true,"num":1e400})"},
        {"one too many", R"({"_placeholder":true,"num":2})"},
        {"missing", R"({"_placeholder":true})"},
        {"null", R"({"_placeholder":true,"num":null})"},
        {"true", R"({"_placeholder":true,"num":true})"},
        {"an array", R"({"_placeholder":true,"num":[0]})"},
        {"an object", R"({"_placeholder":true,"num":{"num":0}})"},
        {"duplicate, the last bad", R"({"_placeholder":true,"num":0,"num":2})"},
        {"duplicate, the last of another kind", R"({"_placeholder":true,"num":0,"num":[]})"},
        {"duplicate under an escape", R"({"_placeholder":true,"num":0,"n\u0075m":"0"})"},
    };
    for (const auto& [what, text] : table) {
      CAPTURE(what);
      CHECK_FALSE(value<Bytes>(text));
      CHECK_FALSE(value<json>(text));
      CHECK_FALSE(value<json>("[[" + std::string(text) + "]]"));
      CHECK_FALSE(value<std::vector<Bytes>>("[" + std::string(text) + "]"));
    }
  }

  TEST_CASE("every spelling of a placeholder's integer counts, the last of equal keys too") {
    for (const std::string text : {R"({"_placeholder":true,"num":1.0})", R"({"_placeholder":true,"num":1e0})",
                                   R"({"_placeholder":true,"num":7,"num":1})",
                                   R"({"_placeholder":false,"num":1,"_placeholder":true})"}) {
      CAPTURE(text);
      CHECK(value<Bytes>(text) == Bytes("one"));
      CHECK(value<json>(text)->get<Bytes>() == Bytes("one"));
    }
  }

  TEST_CASE("an object is no placeholder unless its mark is exactly true") {
    for (const std::string text :
         {R"({"_placeholder":1,"num":0})", R"({"_placeholder":"true","num":0})", R"({"num":0})",
          R"({"_placeholder":true,"num":0,"_placeholder":false})", R"({"_placeholder":[true],"num":0})",
          R"({"_Placeholder":true,"num":0})"}) {
      CAPTURE(text);
      CHECK_FALSE(value<Bytes>(text));
      CHECK(value<json>(text)->is_object());
    }
  }

  TEST_CASE("without attachments a placeholder is ordinary data") {
    const char* const text = R"({"_placeholder":true,"num":0})";
    CHECK(value_without_attachments<json>(text) == json({{"_placeholder", true}, {"num", 0}}));
    CHECK_FALSE(value_without_attachments<Bytes>(text));
  }

  TEST_CASE("bytes are base64 strings on a plain JSON link, and only there") {
    CHECK(value<Bytes>("\"AQI=\"", BinaryForm::base64) == Bytes("\x01\x02"));
    CHECK(value<Bytes>(R"("AQ\u0049=")", BinaryForm::base64) == Bytes("\x01\x02"));
    CHECK_FALSE(value<Bytes>("\"AQI\"", BinaryForm::base64));
    CHECK_FALSE(value<Bytes>("5", BinaryForm::base64));
    CHECK_FALSE(value<Bytes>("\"AQI=\""));
    BytesStorage view;
    REQUIRE(decode(RawArgument{"\"AQI=\"", {}, BinaryForm::base64}, view));
    CHECK(as_text(view.view()) == "\x01\x02");
  }

  TEST_CASE("a storage hands its value to the parameter") {
    std::string text = "moved";
    CHECK(std::string(as_parameter(text)) == "moved");
    CHECK(text.empty());
    TextStorage view;
    view.look_at("seen");
    CHECK(as_parameter(view) == "seen");
    CHECK(std::is_same_v<decode_storage_t<std::string_view>, TextStorage>);
    CHECK(std::is_same_v<decode_storage_t<BytesView>, BytesStorage>);
    CHECK(std::is_same_v<decode_storage_t<int>, int>);
  }

  TEST_CASE("the compiler knows what can be decoded") {
    CHECK(Decodable<int>);
    CHECK(Decodable<std::string_view>);
    CHECK(Decodable<BytesView>);
    CHECK(Decodable<std::optional<std::vector<shop::Order>>>);
    CHECK_FALSE(Decodable<shop::Opaque>);
    CHECK_FALSE(Decodable<std::vector<shop::Opaque>>);
    CHECK_FALSE(Decodable<std::vector<std::string_view>>);  // nothing would hold what has escapes
    CHECK_FALSE(Decodable<char>);
    CHECK_FALSE(Decodable<const char*>);
  }

  TEST_CASE("types have names for people") {
    CHECK(type_name<int>() == "integer (32 bits)");
    CHECK(type_name<std::uint8_t>() == "unsigned integer (8 bits)");
    CHECK(type_name<bool>() == "boolean");
    CHECK(type_name<double>() == "number");
    CHECK(type_name<std::string_view>() == "string");
    CHECK(type_name<std::vector<std::string>>() == "array of string");
    CHECK(type_name<std::array<int, 3>>() == "array of 3 integer (32 bits)");
    CHECK(type_name<std::map<std::string, double>>() == "object of number");
    CHECK(type_name<std::optional<Bytes>>() == "optional binary");
    CHECK(type_name<json>() == "any value");
    CHECK(type_name<shop::Order>() == "value of a user type");
  }
}
