#include "base/placeholders.h"

#include <doctest/doctest.h>

#include <string>

using namespace banter;
using namespace banter::base;

namespace {

bool check(std::string_view text, std::size_t count = 2) {
  return check_placeholders(text, std::vector<Bytes>(count, Bytes("x")));
}

}  // namespace

TEST_SUITE("placeholders") {
  TEST_CASE("are found in order, at any depth, whatever the order and spelling of keys") {
    const std::string text =
        R"(["e", {"_placeholder":true,"num":1},{"k":[{"n\u0075m":0.0,"x":{},"_pl\u0061ceholder":true}]}, 5])";
    std::vector<Placeholder> found;
    REQUIRE(find_placeholders(text, 2, found));
    REQUIRE(found.size() == 2);
    CHECK(text.substr(found[0].begin, found[0].end - found[0].begin) == R"({"_placeholder":true,"num":1})");
    CHECK(found[0].number == 1);
    CHECK(text[found[1].begin] == '{');
    CHECK(text[found[1].end - 1] == '}');
    CHECK(found[1].number == 0);
  }

  TEST_CASE("inside a placeholder they go with it") {
    const std::string text = R"([{"a":{"_placeholder":true,"num":1},"_placeholder":true,"num":0}])";
    std::vector<Placeholder> found;
    REQUIRE(find_placeholders(text, 2, found));
    CHECK(found == std::vector{Placeholder{1, text.size() - 1, 0}});
  }

  TEST_CASE("must each name an attachment (CVE-2022-2421)") {
    CHECK(check(R"(["e",{"_placeholder":true,"num":0}])"));
    CHECK(check(R"(["e",{"_placeholder":true,"num":1}])"));
    for (const std::string num :
         {"2", "-1", "0.5", "\"0\"", "\"splice\"", "18446744073709551616", "18446744073709551615",
          "-18446744073709551616", "1e400", "null", "true", "[0]", "{\"num\":0}"}) {
      CAPTURE(num);
      CHECK_FALSE(check("[\"e\",{\"_placeholder\":true,\"num\":" + std::string(num) + "}]"));
      CHECK_FALSE(check("[\"e\",{\"a\":[{\"num\":" + std::string(num) + ",\"_placeholder\":true}]}]"));
      CHECK_FALSE(check("[\"e\",{\"_placeholder\":true,\"num\":0,\"num\":" + std::string(num) + "}]"));
    }
    CHECK_FALSE(check(R"(["e",{"_placeholder":true}])"));
    CHECK_FALSE(check(R"(["e",{"_pl\u0061ceholder":true,"num":9}])"));
  }

  TEST_CASE("are only objects marked with exactly true") {
    for (const std::string text :
         {R"(["e"])", R"(["e",{"num":9}])", R"(["e",{"_placeholder":1,"num":9}])",
          R"(["e",{"_placeholder":"true","num":9}])", R"(["e",{"_placeholder":{"a":true},"num":9}])",
          R"(["e",{"_placeholder":true,"num":9,"_placeholder":null}])",
          R"(["e",{"_placeholder":[true],"num":9}])", R"(["e","{\"_placeholder\":true}"])"}) {
      CAPTURE(text);
      CHECK(check(text));
    }
  }

  TEST_CASE("may share an attachment, and leave one unused") {
    CHECK(check(R"(["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])"));
    CHECK(check(R"(["e"])"));
  }

  TEST_CASE("do not turn a small packet into a large one") {
    std::string text = "[\"e\"";
    for (int i = 0; i < 1000; ++i)
      text += ",{\"_placeholder\":true,\"num\":0}";
    text += ']';
    CHECK(check_placeholders(text, std::vector{Bytes(std::string(1000, 'x'))}));
    CHECK_FALSE(check_placeholders(text, std::vector{Bytes(std::string(100'000, 'x'))}));
  }

  TEST_CASE("are checked in linear time at any depth") {
    std::string text;
    for (int i = 0; i < 511; ++i)
      text += "{\"k\":";
    text += "{\"_placeholder\":true,\"num\":0}" + std::string(511, '}');
    CHECK(check(text));
    std::string wide = "[";
    for (int i = 0; i < 20'000; ++i)
      wide += "{\"_placeholder\":true,\"num\":1},";
    CHECK(check(wide + "0]"));
  }

  TEST_CASE("one value's attachment is found, or none") {
    const std::vector<Bytes> attachments = {Bytes("a"), Bytes("b")};
    CHECK(attachment_of(R"({"_placeholder":true,"num":1})", attachments) == &attachments[1]);
    CHECK(attachment_of(R"({"_placeholder":true,"num":2})", attachments) == nullptr);
    CHECK(attachment_of(R"({"num":1})", attachments) == nullptr);
    CHECK(attachment_of(R"({"a":{"_placeholder":true,"num":1}})", attachments) == nullptr);
    CHECK(attachment_of("[]", attachments) == nullptr);
    CHECK(attachment_of("", attachments) == nullptr);
    CHECK(attachment_of(R"({"_placeholder":true,"num":0})", {}) == nullptr);
  }
}
