#include "tests/base/json_differential.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <random>

using namespace banter;
using namespace banter::tests;

namespace {

json vectors() {
  std::ifstream file(BANTER_TEST_VECTORS "/json_texts.json");
  REQUIRE(file);
  return json::parse(file);
}

// A random value, `depth` levels at most.
json random_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return random() % 2 == 0;
    case 2: return static_cast<std::int64_t>(random()) - (std::int64_t{1} << 31);
    case 3: return static_cast<std::uint64_t>(random()) << (random() % 33);
    case 4: return std::ldexp(static_cast<double>(random()) - 2e9, static_cast<int>(random() % 400) - 200);
    case 5: {
      static const std::string_view alphabet[] = {
          "a", "\"", "\\", "\n", "\x01", "/", "\xC3\xA9", "\xF0\x9F\x98\x80", "plain text"};
      std::string text;
      for (auto size = random() % 12; size > 0; --size)
        text += alphabet[random() % std::size(alphabet)];
      return text;
    }
    case 6: {
      json array = json::array();
      for (auto size = random() % 5; size > 0; --size)
        array.push_back(random_value(random, depth - 1));
      return array;
    }
    default: {
      json object = json::object();
      for (auto size = random() % 5; size > 0; --size) {
        object["k" + std::to_string(random() % 7)] = random_value(random, depth - 1);
      }
      return object;
    }
  }
}

}  // namespace

TEST_SUITE("json against nlohmann") {
  TEST_CASE("the shared texts mean the same to both, and what they should") {
    const json all = vectors();
    for (const json& row : all.at("accepted")) {
      const auto text = row.at("text").get<std::string>();
      CAPTURE(text);
      CHECK(difference(text) == "");
      CHECK(ours(text) == row.at("value"));
    }
    for (const json& row : all.at("refused")) {
      const auto text = row.get<std::string>();
      CAPTURE(text);
      CHECK(difference(text) == "");
      CHECK_FALSE(ours(text));
    }
  }

  TEST_CASE("random values written by nlohmann read the same, and every cut or changed byte too") {
    std::mt19937 random(20240229);  // always the same values
    for (int i = 0; i < 300; ++i) {
      const json value = random_value(random, 4);
      std::string text = value.dump();
      CAPTURE(text);
      REQUIRE(difference(text) == "");
      REQUIRE(ours(text) == value);
      REQUIRE(round_trip_difference(value) == "");
      text[random() % text.size()] = "\"\\[]{}:,0e. -x"[random() % 14];
      REQUIRE(difference(text) == "");
      REQUIRE(difference(std::string_view(text).substr(0, random() % text.size())) == "");
    }
  }

  TEST_CASE("they part where the documents say so") {
    CHECK(ours(R"(["\ud800"])") == json({"\xEF\xBF\xBD"}));
    CHECK_FALSE(theirs(R"(["\ud800"])"));
    CHECK(std::isinf(ours("1e400")->get<double>()));
    CHECK_FALSE(theirs("1e400"));
    CHECK_FALSE(ours("\xEF\xBB\xBF[]"));
    CHECK(theirs("\xEF\xBB\xBF[]"));
    const std::string deep = std::string(513, '[') + std::string(513, ']');
    CHECK_FALSE(ours(deep));
    CHECK(theirs(deep));
  }
}
