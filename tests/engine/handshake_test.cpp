#include "engine/handshake.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "banter/function.h"
#include "engine/handshake_record.h"
#include "engine/packet.h"

namespace banter::engine {
namespace {

// A request that opens a session.
HandshakeRequest opening() {
  return {.method = "GET",
          .transport = "websocket",
          .sid = {},
          .revision = "4",
          .origin = {},
          .host = "a.example",
          .is_upgrade = true};
}

// One of a session.
HandshakeRequest with_sid() {
  HandshakeRequest request = opening();
  request.sid = "S1";
  return request;
}

std::string answer(const HandshakeRequest& request, const KnownSession* session = nullptr) {
  const auto refusal = check_request(request, session);
  return refusal ? std::to_string(static_cast<int>(refusal->code)) + " " + std::string(refusal->context)
                 : "ok";
}

}  // namespace

TEST_SUITE("engine handshake") {
  TEST_CASE("accepts an upgrade with transport=websocket and EIO=4; an empty sid is none") {
    CHECK(answer(opening()) == "ok");
    HandshakeRequest request = opening();
    request.sid = "";
    CHECK(answer(request) == "ok");
    const KnownSession session{.is_websocket = true};
    CHECK(answer(with_sid(), &session) == "ok");
  }

  TEST_CASE("refuses with the first check that fails") {
    struct Row {
      std::string expected;
      Function<void(HandshakeRequest&)> change;
    };
    std::vector<Row> rows;
    const auto row = [&rows](std::string expected, auto change) {
      rows.push_back({std::move(expected), change});
    };
    row("0 TRANSPORT_UNKNOWN", [](auto& r) { r.transport = "polling"; });
    row("0 TRANSPORT_UNKNOWN", [](auto& r) { r.transport.reset(); });
    row("0 TRANSPORT_UNKNOWN", [](auto& r) { r.transport = "WebSocket"; });
    row("0 TRANSPORT_UNKNOWN", [](auto& r) { r.transport = "websocket "; });
    row("0 TRANSPORT_UNKNOWN", [](auto& r) { r.transport = "x", r.sid = "S1", r.origin = "\x01"; });
    row("3 INVALID_ORIGIN", [](auto& r) { r.origin = "http://a.example\x7f"; });
    row("3 INVALID_ORIGIN", [](auto& r) { r.origin = "\x01", r.sid = "S1"; });
    row("4 ORIGIN_NOT_ALLOWED", [](auto& r) { r.origin = "http://b.example"; });
    row("4 ORIGIN_NOT_ALLOWED", [](auto& r) { r.origin = "null", r.sid = "S1"; });
    row("ok", [](auto& r) { r.origin = "http://b.example", r.is_origin_allowed = true; });
    row("1 UNKNOWN_SID", [](auto& r) { r.sid = "S1", r.revision = "3", r.method = "POST"; });
    row("2 BAD_HANDSHAKE_METHOD", [](auto& r) { r.method = "POST", r.revision.reset(); });
    row("2 BAD_HANDSHAKE_METHOD", [](auto& r) { r.method = "get"; });
    row("3 TRANSPORT_HANDSHAKE_ERROR", [](auto& r) { r.is_upgrade = false, r.revision = "3"; });
    row("3 TRANSPORT_HANDSHAKE_ERROR", [](auto& r) { r.is_upgrade = false, r.origin = "http://b.example"; });
    for (const std::string_view revision : {"3", "5", "abc", "", "4 ", "04"}) {
      row("5 UNSUPPORTED_PROTOCOL_VERSION", [revision](auto& r) { r.revision = revision; });
    }
    row("5 UNSUPPORTED_PROTOCOL_VERSION", [](auto& r) { r.revision.reset(); });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CAPTURE(i);
      HandshakeRequest request = opening();
      rows[i].change(request);
      CHECK(answer(request) == rows[i].expected);
    }
  }

  TEST_CASE("a request of a session must be of its transport and revision") {
    const KnownSession websocket{.is_websocket = true};
    const KnownSession polling{.is_websocket = false};
    HandshakeRequest request = with_sid();
    request.revision = "3";
    CHECK(answer(request, &websocket) == "3 PROTOCOL_MISMATCH");
    request = with_sid();
    request.is_upgrade = false;
    CHECK(answer(request, &polling) == "3 TRANSPORT_MISMATCH");
  }

  TEST_CASE("answers refusals with literal bodies") {
    const std::vector<std::string_view> messages{
        "Transport unknown", "Session ID unknown", "Bad handshake method",
        "Bad request",       "Forbidden",          "Unsupported protocol version"};
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto code = static_cast<RefusalCode>(i);
      CHECK(message_of(code) == messages[i]);
      CHECK(body_of(code) ==
            "{\"code\":" + std::to_string(i) + ",\"message\":\"" + std::string(messages[i]) + "\"}");
    }
  }

  TEST_CASE("same origin means the same host and port as the request's") {
    struct Row {
      std::optional<std::string_view> origin;
      std::string_view host;
      bool is_same;
    };
    const std::vector<Row> rows{
        {std::nullopt, "a.example", true},
        {std::nullopt, "", true},
        {"http://a.example", "a.example", true},
        {"https://a.example", "a.example", true},
        {"http://a.example:3000", "a.example:3000", true},
        {"http://[::1]:3000", "[::1]:3000", true},
        {"http://a.example:3000", "a.example", false},
        {"http://a.example", "a.example:3000", false},
        {"http://b.a.example", "a.example", false},
        {"http://a.example.evil", "a.example", false},
        {"http://evil/a.example", "a.example", false},
        {"http://evil@a.example", "a.example", false},
        {"a.example", "a.example", false},
        {"null", "null", false},
        {"null", "", false},
        {"", "", false},
        {"http://", "", false},
    };
    for (const auto& [origin, host, is_same] : rows) {
      CAPTURE(std::string(origin.value_or("(none)")));
      CHECK(is_same_origin(origin, host) == is_same);
    }
  }
}

TEST_SUITE("engine packet") {
  TEST_CASE("is a type character and a payload") {
    for (char type = '0'; type <= '6'; ++type) {
      const std::string text = std::string(1, type) + "rest";
      const auto packet = read_packet(text);
      REQUIRE(packet);
      CHECK(static_cast<char>(packet->type) == type);
      CHECK(packet->payload == "rest");
    }
    CHECK(read_packet("4")->payload.empty());
    for (const std::string_view text : {"", "7", "/", "b", "bAQID", "-4", " 4", "\xff", "x"})
      CHECK_FALSE(read_packet(text));
  }

  TEST_CASE("the open packet has exactly these keys in this order") {
    const Opening opening{"S1", false, 25000, 20000, 1'000'000};
    CHECK(open_packet(opening) ==
          R"(0{"sid":"S1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    CHECK(open_packet({"S1", true, 300, 200, 10}) ==
          R"(0{"sid":"S1","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":10})");
  }
}

TEST_SUITE("engine handshake record") {
  TEST_CASE("keeps the request until it is trimmed to the names that are wanted") {
    HandshakeRecord record("/socket.io/?a=1", "10.0.0.1", true, {});
    record.add_header("Origin", "http://a.example");
    record.add_header("X-Empty", "");
    record.add_header("X-Twice", "1");
    record.add_header("x-twice", "2");
    CHECK(record.to_public().headers.size() == 4);
    record.keep_only({"x-twice", "x-empty"});
    record.keep_only({});  // too late
    const Handshake handshake = record.to_public();
    REQUIRE(handshake.headers.size() == 3);
    CHECK(handshake.headers[0].name == "x-empty");
    CHECK(handshake.headers[0].value.empty());
    CHECK(handshake.headers[2].value == "2");
    CHECK(handshake.url == "/socket.io/?a=1");
    CHECK(handshake.address == "10.0.0.1");
    CHECK(handshake.secure);
    CHECK(handshake.xdomain);  // although the header itself is gone
  }
}

}  // namespace banter::engine
