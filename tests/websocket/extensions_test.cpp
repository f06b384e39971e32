// Negotiation of permessage-deflate (RFC 7692 section 7.1).
#include "websocket/extensions.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "websocket/handshake.h"

namespace banter::websocket {

namespace {

const DeflateSettings by_default;
const DeflateSettings with_takeover{.context_takeover = true};

std::string answer_to(const std::vector<std::string_view>& lines, const DeflateSettings& settings) {
  std::vector<Field> fields{{"Host", "localhost"}};
  for (const std::string_view line : lines)
    fields.push_back({"Sec-WebSocket-Extensions", line});
  const std::optional<DeflateAnswer> answer = negotiate_deflate(fields, settings);
  return answer ? answer->extensions : "none";
}

std::string answer_to(std::string_view line, const DeflateSettings& settings = with_takeover) {
  return answer_to(std::vector{line}, settings);
}

DeflateAgreement agreed(std::string_view line, const DeflateSettings& settings = with_takeover) {
  const std::vector<Field> fields{{"Sec-WebSocket-Extensions", line}};
  const std::optional<DeflateAnswer> answer = negotiate_deflate(fields, settings);
  REQUIRE(answer.has_value());
  return answer->agreement;
}

}  // namespace

TEST_SUITE("permessage-deflate negotiation") {
  TEST_CASE("the offers of RFC 7692 section 7.1.3") {
    CHECK(answer_to("permessage-deflate") == "permessage-deflate");
    CHECK(answer_to("permessage-deflate; client_max_window_bits; server_max_window_bits=10") ==
          "permessage-deflate; server_max_window_bits=10");
    CHECK(answer_to("permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
                    "permessage-deflate; client_max_window_bits") ==
          "permessage-deflate; server_max_window_bits=10");
  }

  TEST_CASE("without context takeover the answer says so for both sides, asked or unasked") {
    const std::string none = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    for (const char* offer :
         {"permessage-deflate", "permessage-deflate; client_max_window_bits",
          "permessage-deflate; server_no_context_takeover", "permessage-deflate; client_no_context_takeover",
          "permessage-deflate; client_no_context_takeover; server_no_context_takeover"}) {
      CAPTURE(offer);
      CHECK(answer_to(offer, by_default) == none);
      CHECK(agreed(offer, by_default) == DeflateAgreement{15, 15, false, false});
    }
  }

  TEST_CASE("with context takeover both sides keep theirs unless the client asks otherwise") {
    CHECK(agreed("permessage-deflate") == DeflateAgreement{15, 15, true, true});
    CHECK(agreed("permessage-deflate; server_no_context_takeover") == DeflateAgreement{15, 15, false, true});
    CHECK(agreed("permessage-deflate; client_no_context_takeover") == DeflateAgreement{15, 15, true, false});
    CHECK(answer_to("permessage-deflate; server_no_context_takeover") ==
          "permessage-deflate; server_no_context_takeover");
    CHECK(answer_to("permessage-deflate; client_no_context_takeover") ==
          "permessage-deflate; client_no_context_takeover");
  }

  TEST_CASE("server_max_window_bits of 9 to 15 is taken; 8 is declined, as zlib cannot do it") {
    for (int bits = 9; bits <= 15; ++bits) {
      const std::string offer = "permessage-deflate; server_max_window_bits=" + std::to_string(bits);
      CHECK(answer_to(offer) == offer);
      CHECK(agreed(offer).server_window_bits == bits);
    }
    CHECK(answer_to("permessage-deflate; server_max_window_bits=8") == "none");
    CHECK(answer_to("permessage-deflate; server_max_window_bits=8, permessage-deflate") ==
          "permessage-deflate");
  }

  TEST_CASE("client_max_window_bits is answered if it came with a value, and only if it was offered") {
    CHECK(answer_to("permessage-deflate; client_max_window_bits") == "permessage-deflate");
    for (int bits = 8; bits <= 15; ++bits) {
      const std::string offer = "permessage-deflate; client_max_window_bits=" + std::to_string(bits);
      CHECK(answer_to(offer) == offer);
      CHECK(agreed(offer).client_window_bits == bits);
    }
  }

  TEST_CASE("a smaller window of ours is the upper bound of both, where the client has asked") {
    const DeflateSettings small{.window_bits = 11, .context_takeover = true};
    const std::pair<const char*, const char*> rows[] = {
        {"permessage-deflate", "permessage-deflate"},
        {"permessage-deflate; server_max_window_bits=15", "permessage-deflate; server_max_window_bits=11"},
        {"permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"},
        {"permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=11"},
        {"permessage-deflate; client_max_window_bits=9", "permessage-deflate; client_max_window_bits=9"},
        {"permessage-deflate; client_max_window_bits=15", "permessage-deflate; client_max_window_bits=11"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.first);
      CHECK(answer_to(row.first, small) == row.second);
    }
    CHECK(agreed("permessage-deflate", small) == DeflateAgreement{11, 15, true, true});
  }

  TEST_CASE("an unknown, duplicate or ill-valued parameter declines its offer; the next one is tried") {
    for (const char* parameters : {
             "unknown",
             "unknown=1",
             "Server_No_Context_Takeover",  // names are compared with case
             "server_no_context_takeover=1",
             "client_no_context_takeover=\"\"",
             "server_no_context_takeover; server_no_context_takeover",
             "client_no_context_takeover; client_no_context_takeover",
             "server_max_window_bits",
             "server_max_window_bits=7",
             "server_max_window_bits=16",
             "server_max_window_bits=09",
             "server_max_window_bits=010",
             "server_max_window_bits=+9",
             "server_max_window_bits=9.0",
             "server_max_window_bits=a",
             "server_max_window_bits=\"\"",
             "server_max_window_bits=\" 9\"",
             "server_max_window_bits=4294967305",  // 2^32 + 9
             "server_max_window_bits=10; server_max_window_bits=10",
             "client_max_window_bits=7",
             "client_max_window_bits=16",
             "client_max_window_bits=08",
             "client_max_window_bits; client_max_window_bits",
             "client_max_window_bits; client_max_window_bits=10",
             "client_max_window_bits=10; client_max_window_bits",
         }) {
      CAPTURE(parameters);
      const std::string bad = "permessage-deflate; " + std::string(parameters);
      CHECK(answer_to(bad) == "none");
      CHECK(answer_to(bad + ", permessage-deflate; server_max_window_bits=12") ==
            "permessage-deflate; server_max_window_bits=12");
    }
  }

  TEST_CASE("other extensions are passed over, whatever their parameters") {
    CHECK(answer_to("x-webkit-deflate-frame") == "none");
    CHECK(answer_to("Permessage-Deflate") == "none");
    CHECK(answer_to("permessage-deflate2, permessage-bzip2; x=\"a,b;c\\\"\", permessage-deflate") ==
          "permessage-deflate");
  }

  TEST_CASE("the first acceptable offer counts, over all header lines") {
    CHECK(answer_to({"foo", "permessage-deflate; server_max_window_bits=10", "permessage-deflate"},
                    with_takeover) == "permessage-deflate; server_max_window_bits=10");
    const std::vector<Field> fields{{"sec-websocket-extensions", "permessage-deflate"}};
    CHECK(negotiate_deflate(fields, by_default).has_value());
    CHECK_FALSE(negotiate_deflate({}, by_default).has_value());
  }

  TEST_CASE("values may be quoted, blanks stand anywhere between the parts, empty elements are ignored") {
    for (const char* line :
         {"permessage-deflate;server_max_window_bits=10", "permessage-deflate;server_max_window_bits=\"10\"",
          "permessage-deflate; server_max_window_bits=\"1\\0\"",
          " permessage-deflate\t;  server_max_window_bits =\t10 ",
          ",, permessage-deflate; server_max_window_bits=10 , ,"}) {
      CAPTURE(line);
      CHECK(answer_to(line) == "permessage-deflate; server_max_window_bits=10");
    }
  }

  TEST_CASE("a list that is ill-formed anywhere offers nothing") {
    for (const char* rest :
         {";",       "; ;x",      ";=",         "; =1",       "=1",    "; x=",    "; x=;y", "; x==1",
          "; x=\"1", "; x=\"1\\", "; x=\"1\"2", " x",         "; x y", "; x=1 2", "/",      "; x=(1)",
          ", ;",     ", =",       ", \"x\"",    ", x; \"y\"", ", a b", "; x\x01"}) {
      CAPTURE(rest);
      CHECK(answer_to("permessage-deflate" + std::string(rest)) == "none");
      CHECK(answer_to({"permessage-deflate", "foo" + std::string(rest)}, with_takeover) == "none");
    }
    CHECK(answer_to("") == "none");
    CHECK(answer_to(" , ,\t") == "none");
  }

  TEST_CASE("the handshake carries the agreement into the 101 if the endpoint wants the extension") {
    const std::vector<Field> fields{
        {"Upgrade", "websocket"},
        {"Connection", "Upgrade"},
        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
        {"Sec-WebSocket-Version", "13"},
        {"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}};
    const auto answer = check_handshake({"GET", 1, 1, fields}, std::nullopt, &by_default);
    REQUIRE(std::holds_alternative<Acceptance>(answer));
    CHECK(std::get<Acceptance>(answer).deflate->agreement == DeflateAgreement{});
    CHECK(switching_protocols(std::get<Acceptance>(answer))
              .find("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
                    "client_no_context_takeover\r\n") != std::string::npos);
    const auto without = check_handshake({"GET", 1, 1, fields});
    CHECK_FALSE(std::get<Acceptance>(without).deflate.has_value());
  }

  // A reader whose cost grew with the square of the length would take minutes for these.
  TEST_CASE("GHSA-5v72-xg48-5rpm, CVE-2021-32640: hostile lists are read in linear time" *
            doctest::timeout(20)) {
    const auto times = [](std::size_t size, std::string_view text) {
      std::string all;
      while (all.size() < size)
        all += text;
      return all;
    };
    constexpr std::size_t size = 2'000'000;
    for (const std::string& line :
         {times(size, "permessage-deflate; x, "), times(size, "a;b=c;"), times(size, ","), times(size, " "),
          "a" + std::string(size, ' ') + "b", "a;b=\"" + times(size, "\\\""), std::string(size, 'x'),
          "permessage-deflate" + times(size, "; server_max_window_bits=10")}) {
      CHECK(answer_to(line) == "none");
    }
    CHECK(answer_to(times(size, "a;b=\"\\\"\",") + "permessage-deflate") == "permessage-deflate");
  }
}

}  // namespace banter::websocket
