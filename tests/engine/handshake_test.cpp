#include "engine/handshake.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/handshake_record.h"
#include "engine/packet.h"

namespace banter::engine {
namespace {

// A request as the checks see it, and what the application has set.
struct Asked {
  std::string_view method = "GET";
  std::string_view query;
  bool is_upgrade = false;
  std::optional<std::string_view> origin = {};
  bool is_origin_allowed = true;
  bool serves_polling = true;
  bool serves_websocket = true;
};

std::string answer(const Asked& asked, const KnownSession* session = nullptr) {
  const Query query(asked.query);
  const HandshakeRequest request{.method = asked.method,
                                 .query = query,
                                 .origin = asked.origin,
                                 .is_upgrade = asked.is_upgrade,
                                 .is_origin_allowed = asked.is_origin_allowed,
                                 .serves_polling = asked.serves_polling,
                                 .serves_websocket = asked.serves_websocket};
  const auto refusal = check_request(request, session);
  return refusal ? std::to_string(static_cast<int>(refusal->code)) + " " + std::string(refusal->context)
                 : "ok";
}

constexpr std::string_view polling = "EIO=4&transport=polling";
constexpr std::string_view websocket = "EIO=4&transport=websocket";
constexpr std::string_view polling_sid = "EIO=4&transport=polling&sid=S1";
constexpr std::string_view websocket_sid = "EIO=4&transport=websocket&sid=S1";

}  // namespace

TEST_SUITE("engine handshake") {
  TEST_CASE("accepts a GET with transport=polling and an upgrade with transport=websocket") {
    CHECK(answer({.query = polling}) == "ok");
    CHECK(answer({.query = websocket, .is_upgrade = true}) == "ok");
    CHECK(answer({.query = "EIO=4&transport=polling&sid="}) == "ok");  // no sid
    CHECK(answer({.query = "a=1&EIO=4&&transport=poll%69ng&t=x"}) == "ok");
    CHECK(answer({.query = "transport=x&EIO=3&transport=polling&EIO=4"}) == "ok");  // the last counts
  }

  TEST_CASE("refuses with the first check that fails") {
    struct Row {
      std::string_view expected;
      Asked asked;
    };
    const std::vector<Row> rows{
        {"0 TRANSPORT_UNKNOWN", {.query = ""}},
        {"0 TRANSPORT_UNKNOWN", {.query = "EIO=4&transport="}},
        {"0 TRANSPORT_UNKNOWN", {.query = "EIO=4&transport=Polling"}},
        {"0 TRANSPORT_UNKNOWN", {.query = "EIO=4&transport=polling+"}},
        {"0 TRANSPORT_UNKNOWN", {.query = "EIO=4&transport=webtransport"}},
        {"0 TRANSPORT_UNKNOWN", {.query = polling, .serves_polling = false}},
        {"0 TRANSPORT_UNKNOWN", {.query = websocket, .is_upgrade = true, .serves_websocket = false}},
        {"0 TRANSPORT_UNKNOWN", {.query = "transport=x&sid=S1", .origin = "\x01"}},
        {"3 JSONP_NOT_SUPPORTED", {.query = "EIO=4&transport=polling&j=0"}},
        {"3 JSONP_NOT_SUPPORTED", {.query = "EIO=4&transport=polling&sid=S1&j="}},
        {"ok", {.query = "EIO=4&transport=websocket&j=0", .is_upgrade = true}},
        {"3 INVALID_ORIGIN", {.query = polling, .origin = "http://a.example\x7f"}},
        {"3 INVALID_ORIGIN", {.query = polling_sid, .origin = "\x01", .is_origin_allowed = false}},
        {"4 ORIGIN_NOT_ALLOWED",
         {.query = websocket_sid, .is_upgrade = true, .origin = "null", .is_origin_allowed = false}},
        {"ok", {.query = polling, .origin = "http://b.example", .is_origin_allowed = false}},
        {"1 UNKNOWN_SID", {.method = "PUT", .query = "EIO=3&transport=polling&sid=S1"}},
        {"1 UNKNOWN_SID", {.query = websocket_sid, .is_upgrade = true}},
        {"2 BAD_HANDSHAKE_METHOD", {.method = "POST", .query = "transport=websocket"}},
        {"2 BAD_HANDSHAKE_METHOD", {.method = "OPTIONS", .query = polling}},
        {"2 BAD_HANDSHAKE_METHOD", {.method = "get", .query = polling}},
        {"3 TRANSPORT_HANDSHAKE_ERROR", {.query = websocket}},
        {"3 TRANSPORT_HANDSHAKE_ERROR", {.query = polling, .is_upgrade = true}},
        // The revision of a new session is checked behind the application's decision.
        {"ok", {.query = "transport=polling"}},
        {"ok", {.query = "EIO=3&transport=websocket", .is_upgrade = true}},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CAPTURE(i);
      CHECK(answer(rows[i].asked) == rows[i].expected);
    }
  }

  TEST_CASE("only EIO=4 is revision 4") {
    CHECK(Query("EIO=4").has_revision_4());
    CHECK(Query("EIO=%34").has_revision_4());
    for (const std::string_view query :
         {"", "EIO", "EIO=", "EIO=3", "EIO=5", "EIO=abc", "EIO=04", "EIO=4+", "eio=4"})
      CHECK_FALSE(Query(query).has_revision_4());
  }

  TEST_CASE("b64=1 alone asks for text instead of binary messages") {
    CHECK(Query("b64=1").wants_base64);
    for (const std::string_view query : {"", "b64", "b64=", "b64=0", "b64=true", "b64=1&b64=0"})
      CHECK_FALSE(Query(query).wants_base64);
  }

  TEST_CASE("a request of a session must be of its transport and revision") {
    const KnownSession on_websocket{.is_websocket = true};
    const KnownSession on_polling{.is_websocket = false};
    struct Row {
      std::string_view expected;
      Asked asked;
      const KnownSession& session;
    };
    const std::vector<Row> rows{
        {"ok", {.query = polling_sid}, on_polling},
        {"ok", {.method = "POST", .query = polling_sid}, on_polling},
        {"ok", {.method = "PUT", .query = polling_sid}, on_polling},  // told that only these two are possible
        {"ok", {.query = websocket_sid, .is_upgrade = true}, on_polling},
        {"ok", {.query = websocket_sid, .is_upgrade = true}, on_websocket},  // a second one: 101, then closed
        {"3 TRANSPORT_MISMATCH", {.query = polling_sid}, on_websocket},
        {"3 TRANSPORT_MISMATCH", {.method = "POST", .query = polling_sid}, on_websocket},
        {"3 TRANSPORT_MISMATCH", {.query = websocket_sid}, on_polling},
        {"3 TRANSPORT_MISMATCH", {.query = websocket_sid}, on_websocket},
        {"3 TRANSPORT_MISMATCH", {.query = polling_sid, .is_upgrade = true}, on_polling},
        {"3 TRANSPORT_MISMATCH", {.query = "transport=polling&sid=S1"}, on_websocket},
        {"3 PROTOCOL_MISMATCH", {.query = "EIO=3&transport=polling&sid=S1"}, on_polling},
        {"3 PROTOCOL_MISMATCH", {.query = "transport=websocket&sid=S1", .is_upgrade = true}, on_polling},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CAPTURE(i);
      CHECK(answer(rows[i].asked, &rows[i].session) == rows[i].expected);
    }
  }

  TEST_CASE("answers refusals with literal bodies") {
    const std::vector<std::string_view> messages{
        "Transport unknown", "Session ID unknown", "Bad handshake method",
        "Bad request",       "Forbidden",          "Unsupported protocol version"};
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto code = static_cast<RefusalCode>(i);
      CHECK(message_of({code, "SOME_CONTEXT"}) == messages[i]);
      CHECK(body_of(code, messages[i]) ==
            "{\"code\":" + std::to_string(i) + ",\"message\":\"" + std::string(messages[i]) + "\"}");
    }
    CHECK(message_of({RefusalCode::forbidden, "ORIGIN_NOT_ALLOWED"}) == origin_refused);
    CHECK(body_of(RefusalCode::forbidden, "\"\n") == R"({"code":4,"message":"\"\n"})");
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
