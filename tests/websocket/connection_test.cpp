// Messages and pings over a real socket.
#include "websocket/connection.h"

#include <doctest/doctest.h>

#include "tests/websocket/connection_fixture.h"
#include "websocket/frame_writer.h"

namespace banter::websocket {

using test::client_frame;
using test::ConnectionFixture;
using test::from_hex;
using test::RawClient;
using test::to_hex;

TEST_SUITE("websocket connection") {
  TEST_CASE_FIXTURE(ConnectionFixture, "echoes text as text and binary as binary") {
    in_message = [this](MessageKind kind, std::span<char> payload) {
      CHECK(connection->send(kind, std::string_view(payload.data(), payload.size())) == SendResult::sent);
    };
    RawClient client = connect();
    client.send(test::client_text("h\xc3\xa9") + test::client_binary("\x01\x02\x03\x04"));
    CHECK(to_hex(client.read(11)) == "81 03 68 c3 a9 82 04 01 02 03 04");
    CHECK(counters.messages_received.value() == 2);
    CHECK(counters.message_bytes_received.value() == 7);
    CHECK(counters.messages_sent.value() == 2);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "bytes behind the request's head belong to the WebSocket stream") {
    behind_head = test::client_text("first") + test::client_text("second").substr(0, 8);
    RawClient client = connect();
    CHECK(events == std::vector{test::text("first")});
    client.send(test::client_text("second").substr(8));
    REQUIRE(wait_for_events(2));
    CHECK(events[1] == test::text("second"));
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a message arrives whole, however TCP cuts it") {
    RawClient client = connect();
    const std::string payload(100'000, 'x');
    const std::string frame = test::client_text(payload);
    client.send(frame.substr(0, 1));
    turn(3);
    client.send(frame.substr(1, 70'000));
    turn(3);
    CHECK(events.empty());
    client.send(frame.substr(70'001));
    REQUIRE(wait_for_events(1));
    CHECK(events[0] == test::text(payload));
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "several messages sent together are one entry, shared pieces among them") {
    RawClient client = connect();
    const auto attachment = base::SharedBytes::take(std::string(70'000, 'b'));
    const loop::Piece text[] = {{"451-[\"f\","}, {"{\"_placeholder\":true,\"num\":0}]"}};
    const loop::Piece binary[] = {{attachment.view(), &attachment}};
    const OutgoingMessage messages[] = {{MessageKind::text, text}, {MessageKind::binary, binary}};
    CHECK(connection->send(messages) == SendResult::sent);
    std::string expected;
    append_message(expected, MessageKind::text, "451-[\"f\",{\"_placeholder\":true,\"num\":0}]");
    append_message(expected, MessageKind::binary, attachment.view());
    CHECK(client.read(expected.size()) == expected);
    CHECK(counters.messages_sent.value() == 2);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "more messages than fit on the stack go out all the same") {
    RawClient client = connect();
    const loop::Piece piece{"x"};
    const std::vector<OutgoingMessage> messages(200, {MessageKind::text, {&piece, 1}});
    connection->send(messages);
    std::string expected;
    for (int i = 0; i < 200; ++i)
      append_message(expected, MessageKind::text, "x");
    CHECK(client.read(expected.size()) == expected);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a frame made once is shared by those it is sent to") {
    std::string frame;
    append_message(frame, MessageKind::text, std::string(1000, 's'));
    const auto shared = base::SharedBytes::take(frame);
    RawClient client = connect();
    CHECK(connection->send_framed(shared) == SendResult::sent);
    CHECK(client.read(frame.size()) == frame);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "every ping is answered in order with its payload, also between fragments") {
    RawClient client = connect();
    client.send(from_hex("89 82 a1 b2 c3 d4 c9 db"));  // "hi"
    CHECK(to_hex(client.read(4)) == "8a 02 68 69");
    client.send(client_frame(0x1, "a", {.is_final = false}) + test::client_ping() + test::client_ping("1") +
                test::client_ping("22") + client_frame(0x0, "b"));
    CHECK(to_hex(client.read(9)) == "8a 00 8a 01 31 8a 02 32 32");
    CHECK(events == std::vector{test::text("ab")});
    CHECK(counters.pings_received.value() == 4);
    CHECK(counters.pongs_left_out.value() == 0);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "CVE-2016-10518, CVE-2026-45736: a pong is the ping's bytes, for every length") {
    RawClient client = connect();
    for (std::size_t length = 0; length <= 125; ++length) {
      std::string payload;
      for (std::size_t i = 0; i < length; ++i)
        payload += static_cast<char>(i * 11);
      client.send(test::client_ping(payload));
      REQUIRE(client.read(length + 2) == std::string{'\x8a', static_cast<char>(length)} + payload);
    }
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a burst of pings in one segment is answered ping by ping") {
    RawClient client = connect();
    std::string pings, pongs;
    for (int i = 0; i < 5000; ++i) {
      pings += test::client_ping(std::to_string(i));
      pongs += std::string{'\x8a', static_cast<char>(std::to_string(i).size())} + std::to_string(i);
    }
    client.send(pings);
    CHECK(client.read(pongs.size()) == pongs);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "ping() is answered by on_pong; an unsolicited pong is told and otherwise ignored") {
    RawClient client = connect();
    CHECK(connection->ping("beat") == SendResult::sent);
    CHECK(to_hex(client.read(6)) == "89 04 62 65 61 74");
    client.send(client_frame(0xA, "beat") + client_frame(0xA, "other") + test::client_text("x"));
    REQUIRE(wait_for_events(3));
    CHECK(events == std::vector{test::pong("beat"), test::pong("other"), test::text("x")});
  }

  TEST_CASE("an idle connection is small") {
    CHECK(sizeof(Connection) <= 176);
  }
}

}  // namespace banter::websocket
