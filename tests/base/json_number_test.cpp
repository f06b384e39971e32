#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "banter/decode.h"

using namespace banter::detail;

namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  return decode(RawArgument{text}, value) ? std::optional(value) : std::nullopt;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_SUITE("json numbers") {
  TEST_CASE("every spelling of an integer is one") {
    const std::vector<std::pair<std::string, std::int64_t>> table = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"-7", -7},
        {"1.0", 1},
        {"1e2", 100},
        {"1E+2", 100},
        {"-1.50e1", -15},
        {"100e-2", 1},
        {"0.001e3", 1},
        {"12.5e1", 125},
        {"0e999999999999999999999", 0},
        {"0.000e-5", 0},
        {"10000000000000000000000e-22", 1},
        {"1" + std::string(1000, '0') + "e-1000", 1},
        {"0." + std::string(1000, '0') + "5e1001", 5},
        {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {"-9223372036854775808.0", std::numeric_limits<std::int64_t>::min()},
        {"9.223372036854775807e18", std::numeric_limits<std::int64_t>::max()},
    };
    for (const auto& [text, value] : table) {
      CAPTURE(text);
      CHECK(number<std::int64_t>(text) == value);
      if (value >= 0) CHECK(number<std::uint64_t>(text) == static_cast<std::uint64_t>(value));
    }
    CHECK(number<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK(number<std::uint64_t>("18446744073709551615.0") == std::numeric_limits<std::uint64_t>::max());
  }

  TEST_CASE("a fraction, another kind or a value out of range is not") {
    for (const std::string text : {"1.5", "1e-1", "0.1", "5e-324", "1.0000000000000000000000001", "1e400",
                                   "-1e400", "1e19999999999999999999", "18446744073709551617",
                                   "9223372036854775808e1", "true", "null", "\"1\"", "[1]", "{}", ""}) {
      CAPTURE(text);
      CHECK_FALSE(number<std::int64_t>(text));
      CHECK_FALSE(number<std::uint64_t>(text));
    }
    CHECK_FALSE(number<std::int64_t>("9223372036854775808"));
    CHECK_FALSE(number<std::int64_t>("-9223372036854775809"));
    CHECK_FALSE(number<std::int64_t>("9223372036854775808.0"));
    CHECK_FALSE(number<std::int64_t>("-9223372036854775809.0"));
    CHECK_FALSE(number<std::uint64_t>("18446744073709551616"));
    CHECK_FALSE(number<std::uint64_t>("18446744073709551616.0"));
    CHECK_FALSE(number<std::uint64_t>("-1"));
    CHECK_FALSE(number<std::uint64_t>("-1.0"));
    CHECK(number<std::uint64_t>("-0") == 0);
    CHECK(number<std::uint64_t>("-0.0") == 0);
  }

  TEST_CASE("the range of every integer type is checked") {
    CHECK(number<int>("2147483647") == 2147483647);
    CHECK_FALSE(number<int>("2147483648"));
    CHECK_FALSE(number<int>("5e9"));
    CHECK_FALSE(number<int>("-2147483649"));
    CHECK(number<std::int8_t>("-128") == -128);
    CHECK_FALSE(number<std::int8_t>("128"));
    CHECK(number<std::uint8_t>("255") == 255);
    CHECK_FALSE(number<std::uint8_t>("256"));
    CHECK_FALSE(number<std::uint8_t>("-1"));
    CHECK(number<unsigned short>("65535") == 65535);
    CHECK_FALSE(number<unsigned short>("65536"));
    CHECK(number<std::size_t>("1.0") == 1);
  }

  TEST_CASE("a double takes every number; out of range it is infinite or zero, as in JavaScript") {
    const std::vector<std::pair<std::string, double>> table = {
        {"0", 0},
        {"1", 1},
        {"-1.5", -1.5},
        {"0.1", 0.1},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"5e-324", 5e-324},
        {"1e400", infinity},
        {"-1e400", -infinity},
        {"1" + std::string(400, '0'), infinity},
        {"1" + std::string(400, '0') + ".5", infinity},
        {"0." + std::string(400, '0') + "1", 0},
        {"0." + std::string(400, '0') + "1e800", infinity},
        {"1" + std::string(400, '0') + "e-800", 0},
        {"1e-400", 0},
        {"1e99999999999999999999999", infinity},
        {"1e-99999999999999999999999", 0},
    };
    for (const auto& [text, value] : table) {
      CAPTURE(text);
      CHECK(number<double>(text) == value);
    }
    CHECK(std::signbit(*number<double>("-0")));
    CHECK(std::signbit(*number<double>("-1e-400")));
    for (const std::string text : {"true", "null", "\"1\"", "[]", "{}", ""})
      CHECK_FALSE(number<double>(text));
  }

  TEST_CASE("a float takes every number too") {
    CHECK(number<float>("0.5") == 0.5F);
    CHECK(number<float>("1e39") == std::numeric_limits<float>::infinity());
    CHECK(number<float>("-1e400") == -std::numeric_limits<float>::infinity());
  }

  TEST_CASE("a bool is true or false and nothing else") {
    CHECK(number<bool>("true") == true);
    CHECK(number<bool>("false") == false);
    for (const std::string text : {"1", "0", "null", "\"true\"", "[]", ""})
      CHECK_FALSE(number<bool>(text));
  }

  TEST_CASE("a megabyte of digits takes linear time (CVE-2020-36049)") {
    const std::string digits(1'000'000, '9');
    CHECK_FALSE(number<std::int64_t>(digits));
    CHECK(number<double>(digits) == infinity);
    CHECK(number<std::int64_t>("0." + std::string(1'000'000, '0') + "e5") == 0);
    CHECK_FALSE(number<std::int64_t>("1e" + digits));
  }
}
