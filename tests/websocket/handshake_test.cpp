#include "websocket/handshake.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace banter::websocket {

namespace {

const std::vector<Field> good{{"Host", "localhost"},
                              {"Upgrade", "websocket"},
                              {"Connection", "Upgrade"},
                              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                              {"Sec-WebSocket-Version", "13"}};

// `good` with the value of `name` replaced; without it if `value` is null.
std::vector<Field> good_with(std::string_view name, const char* value) {
  std::vector<Field> fields;
  for (const Field& field : good) {
    if (field.name != name) fields.push_back(field);
  }
  if (value != nullptr) fields.push_back({name, value});
  return fields;
}

std::vector<Field> good_and(std::initializer_list<Field> more) {
  std::vector<Field> fields = good;
  fields.insert(fields.end(), more);
  return fields;
}

std::variant<Acceptance, Refusal> check(const std::vector<Field>& fields,
                                        Subprotocols supported = std::nullopt) {
  return check_handshake({"GET", 1, 1, fields}, supported);
}

int status_of(const std::vector<Field>& fields) {
  const auto answer = check(fields);
  const auto* refusal = std::get_if<Refusal>(&answer);
  return refusal ? refusal->status : 101;
}

std::string_view header_of(const Refusal& refusal, std::string_view name) {
  for (const Field& field : refusal.fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

std::string subprotocol_of(const std::vector<Field>& fields, Subprotocols supported = std::nullopt) {
  const auto answer = check(fields, supported);
  const auto* acceptance = std::get_if<Acceptance>(&answer);
  return acceptance ? std::string(acceptance->subprotocol) : "refused";
}

}  // namespace

TEST_SUITE("websocket opening handshake") {
  TEST_CASE("Sec-WebSocket-Accept is base64(SHA-1(key + GUID)), the key as literal text") {
    CHECK(accept_for("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 section 1.3
    CHECK(accept_for("ZvpF5X8jYPYhnKzrOco7Gw==") == "uxGac2jFndAv+DVzOxf7jeTjU3o=");
    CHECK(accept_for("+0jgXtYyVeG28Gn1CLUKIg==") == "J8qoXqbZoL7keWiAo6FOA9JV+mY=");
  }

  TEST_CASE("a good request is answered 101 with Upgrade, Connection and Sec-WebSocket-Accept") {
    const auto answer = check(good);
    REQUIRE(std::holds_alternative<Acceptance>(answer));
    CHECK(switching_protocols(std::get<Acceptance>(answer)) ==
          "HTTP/1.1 101 Switching Protocols\r\n"
          "Upgrade: websocket\r\n"
          "Connection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
          "\r\n");
  }

  TEST_CASE("the 101 carries the subprotocol and further header lines behind the fixed ones") {
    const std::vector<Field> cookie{{"Set-Cookie", "io=abc; Path=/"}};
    CHECK(switching_protocols({"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "chat"}, cookie) ==
          "HTTP/1.1 101 Switching Protocols\r\n"
          "Upgrade: websocket\r\n"
          "Connection: Upgrade\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
          "Sec-WebSocket-Protocol: chat\r\n"
          "Set-Cookie: io=abc; Path=/\r\n"
          "\r\n");
  }

  TEST_CASE("only GET opens a WebSocket: 405 that allows GET") {
    for (const std::string_view method : {"POST", "HEAD", "OPTIONS", "get", ""}) {
      CAPTURE(method);
      const auto answer = check_handshake({method, 1, 1, good});
      REQUIRE(std::holds_alternative<Refusal>(answer));
      CHECK(std::get<Refusal>(answer).status == 405);
      CHECK(header_of(std::get<Refusal>(answer), "Allow") == "GET");
    }
  }

  TEST_CASE("Upgrade and Connection are case-insensitive lists of tokens, over all their header lines") {
    const std::pair<const char*, const char*> fine[] = {
        {"websocket", "Upgrade"},        {"WebSocket", "upgrade"},
        {"WEBSOCKET", "UPGRADE"},        {"h2c, websocket", "keep-alive, Upgrade"},
        {"websocket , x", "Upgrade\t,"}, {",websocket", " Upgrade "},
    };
    for (const auto& row : fine) {
      CAPTURE(row.first);
      CAPTURE(row.second);
      std::vector<Field> fields = good_with("Upgrade", row.first);
      for (Field& field : fields) {
        if (field.name == "Connection") field.value = row.second;
      }
      CHECK(status_of(fields) == 101);
    }
    std::vector<Field> two_lines = good_with("Connection", "keep-alive");
    two_lines.push_back({"connection", "upgrade"});
    CHECK(status_of(two_lines) == 101);
  }

  TEST_CASE("an ordinary request is answered 426 with Upgrade: websocket and what a proxy may have dropped") {
    const std::vector<Field> ordinary[] = {
        good_with("Upgrade", nullptr),       good_with("Upgrade", ""),
        good_with("Upgrade", "websockets"),  good_with("Upgrade", "web socket"),
        good_with("Upgrade", "h2c"),         good_with("Connection", nullptr),
        good_with("Connection", "close"),    good_with("Connection", "keep-alive"),
        good_with("Connection", "up grade"),
    };
    for (const auto& fields : ordinary) {
      CHECK_FALSE(is_websocket_request({"GET", 1, 1, fields}));
      const auto answer = check(fields);
      REQUIRE(std::holds_alternative<Refusal>(answer));
      CHECK(std::get<Refusal>(answer).status == 426);
      CHECK(header_of(std::get<Refusal>(answer), "Upgrade") == "websocket");
      CHECK(std::get<Refusal>(answer).body.find("proxy") != std::string_view::npos);
    }
  }

  TEST_CASE("HTTP/1.0 has no Upgrade (RFC 9110 section 7.8)") {
    const auto answer = check_handshake({"GET", 1, 0, good});
    REQUIRE(std::holds_alternative<Refusal>(answer));
    CHECK(std::get<Refusal>(answer).status == 426);
    CHECK(is_websocket_request({"GET", 1, 1, good}));
    CHECK_FALSE(is_websocket_request({"GET", 2, 0, good}));
  }

  TEST_CASE("Sec-WebSocket-Version must be 13, once: else 426 that names 13") {
    for (const char* version : {"", "8", "12", "14", "013", "13.0", "13, 13", "x"}) {
      CAPTURE(version);
      CHECK(status_of(good_with("Sec-WebSocket-Version", version)) == 426);
    }
    CHECK(status_of(good_with("Sec-WebSocket-Version", " 13 ")) == 101);
    CHECK(status_of(good_and({{"Sec-WebSocket-Version", "13"}})) == 426);
    const auto answer = check(good_with("Sec-WebSocket-Version", nullptr));
    REQUIRE(std::holds_alternative<Refusal>(answer));
    CHECK(std::get<Refusal>(answer).status == 426);
    CHECK(header_of(std::get<Refusal>(answer), "Sec-WebSocket-Version") == "13");
  }

  TEST_CASE("Sec-WebSocket-Key must be 24 characters, base64 of 16 bytes, present once: else 400") {
    const char* bad[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",    // 23 characters
        "dGhlIHNhbXBsZSBub25jZQ===",  // 25
        "dGhlIHNhbXBsZSBub25jZTA=",   // 17 bytes
        "dGhlIHNhbXBsZSBub25jZTEy",   // 18 bytes
        "dGhlIHNhbXBsZSBub25j==Q=",
        "dGhlIHNhbXBsZSB-b25jZQ==",
        "dGhlIHNhbXBsZSBu b5jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
    };
    for (const char* key : bad) {
      CAPTURE(key);
      CHECK(status_of(good_with("Sec-WebSocket-Key", key)) == 400);
    }
    CHECK(status_of(good_with("Sec-WebSocket-Key", nullptr)) == 400);
    CHECK(status_of(good_and({{"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}})) == 400);
    CHECK(status_of(good_with("Sec-WebSocket-Key", "+/hlIHNhbXBsZSBub25jZQ==")) == 101);
    CHECK(status_of(good_with("Sec-WebSocket-Key", "\tdGhlIHNhbXBsZSBub25jZQ== ")) == 101);
  }

  TEST_CASE("a request with a body is never answered 101") {
    CHECK(status_of(good_and({{"Content-Length", "5"}})) == 400);
    CHECK(status_of(good_and({{"content-length", "00"}})) == 400);
    CHECK(status_of(good_and({{"Transfer-Encoding", "chunked"}})) == 400);
    CHECK(status_of(good_and({{"Content-Length", "0"}})) == 101);
  }

  TEST_CASE("of the subprotocols offered the first is chosen, or the first that is supported") {
    const std::vector<std::string_view> supported{"json", "chat"};
    const auto offer = [](const char* list) { return good_and({{"Sec-WebSocket-Protocol", list}}); };
    CHECK(subprotocol_of(offer("soap, chat, json")) == "soap");
    CHECK(subprotocol_of(offer("soap, chat, json"), supported) == "chat");
    CHECK(subprotocol_of(offer("Chat, json"), supported) == "json");  // compared with case
    CHECK(subprotocol_of(good_and({{"Sec-WebSocket-Protocol", "a"}, {"sec-websocket-protocol", "json"}}),
                         supported) == "json");
    CHECK(subprotocol_of(offer("soap"), supported) == "");
    CHECK(subprotocol_of(offer("soap"), std::span<const std::string_view>()) == "");
  }

  TEST_CASE("no subprotocol offered: none in the answer") {
    const auto answer = check(good);
    REQUIRE(std::holds_alternative<Acceptance>(answer));
    CHECK(switching_protocols(std::get<Acceptance>(answer)).find("Protocol:") == std::string::npos);
  }

  TEST_CASE("a list of subprotocols that are not tokens, or that repeats one, is answered 400") {
    for (const char* list :
         {"", ",", "a,", ",a", "a,,b", "a b", "a, a", "a, b, a", "a;b", "\"a\"", "a/b", "é", "a\x01"}) {
      CAPTURE(list);
      CHECK(status_of(good_and({{"Sec-WebSocket-Protocol", list}})) == 400);
    }
    CHECK(status_of(good_and({{"Sec-WebSocket-Protocol", "a"}, {"Sec-WebSocket-Protocol", "a"}})) == 400);
  }

  TEST_CASE("extensions offered are declined by silence") {
    const auto answer = check(good_and({{"Sec-WebSocket-Extensions", "permessage-deflate; ;=,,\""}}));
    REQUIRE(std::holds_alternative<Acceptance>(answer));
    CHECK(switching_protocols(std::get<Acceptance>(answer)).find("Extensions") == std::string::npos);
  }

  TEST_CASE("every refusal says in its body what is wrong") {
    for (const auto& fields : {good_with("Upgrade", nullptr), good_with("Sec-WebSocket-Version", "8"),
                               good_with("Sec-WebSocket-Key", ""), good_and({{"Content-Length", "5"}}),
                               good_and({{"Sec-WebSocket-Protocol", ","}})}) {
      const auto answer = check(fields);
      REQUIRE(std::holds_alternative<Refusal>(answer));
      CHECK(std::get<Refusal>(answer).body.size() > 20);
      CHECK(std::get<Refusal>(answer).body.ends_with("\n"));
    }
  }

  // A reader whose cost grew with the square of the length would take minutes for these.
  TEST_CASE("GHSA-5v72-xg48-5rpm, CVE-2021-32640: hostile Sec-WebSocket headers are read in linear time" *
            doctest::timeout(20)) {
    std::string tokens;
    for (std::size_t i = 0; tokens.size() < 2'000'000; ++i)
      tokens += std::to_string(i) + ",";
    const std::string blanks = "a" + std::string(2'000'000, ' ') + "b";
    const std::string commas(2'000'000, ',');
    const std::string quotes(2'000'000, '"');
    for (const std::string_view value : {std::string_view(tokens), std::string_view(blanks),
                                         std::string_view(commas), std::string_view(quotes)}) {
      CHECK(status_of(good_and({{"Sec-WebSocket-Protocol", value}})) == 400);
      CHECK(status_of(good_and({{"Sec-WebSocket-Key", value}})) == 400);
      CHECK(status_of(good_and({{"Sec-WebSocket-Version", value}})) == 426);
      CHECK(status_of(good_and({{"Sec-WebSocket-Extensions", value}})) == 101);
      CHECK(status_of(good_and({{"Upgrade", value}})) == 101);
      CHECK(status_of(good_and({{"Connection", value}})) == 101);
    }
  }
}

}  // namespace banter::websocket
