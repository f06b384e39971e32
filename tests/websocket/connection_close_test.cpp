// Every way a connection ends (RFC 6455 section 7).
#include <doctest/doctest.h>

#include "loop/error.h"
#include "tests/websocket/connection_fixture.h"
#include "websocket/connection.h"

namespace banter::websocket {

using test::client_close;
using test::client_frame;
using test::ConnectionFixture;
using test::from_hex;
using test::RawClient;
using test::to_hex;

TEST_SUITE("websocket connection, closing") {
  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a received close is echoed once, with its code, then the server closes TCP first") {
    for (const std::uint16_t code : {1000, 1001, 1011, 3000, 4999}) {
      CAPTURE(code);
      ends.clear();
      RawClient client = connect();
      client.send(client_close(code, "bye"));
      const std::string echo{'\x88', '\x02', static_cast<char>(code >> 8), static_cast<char>(code)};
      CHECK(to_hex(client.read_to_end()) == to_hex(echo));
      CHECK(client.state() == RawClient::State::ended);
      CHECK(end().by == CloseInfo::By::peer);
      CHECK(end().code == CloseCode{code});
      CHECK(end().reason == "bye");
      CHECK_FALSE(end().error);
    }
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "an empty close is answered by an empty one") {
    RawClient client = connect();
    client.send(from_hex("88 80 a1 b2 c3 d4"));
    CHECK(to_hex(client.read_to_end()) == "88 00");
    CHECK(end().code == CloseCode::no_status);
    CHECK(end().by == CloseInfo::By::peer);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "what comes behind a close frame is discarded") {
    RawClient client = connect();
    client.send(test::client_text("a") + client_close(1000) + test::client_text("b") + test::client_ping() +
                client_close(1001) + client_frame(0x3, ""));
    CHECK(to_hex(client.read_to_end()) == "88 02 03 e8");
    end();
    CHECK(events == std::vector{test::text("a")});
    CHECK(ends.size() == 1);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "close() sends what is queued, then the close frame, and waits for the peer's") {
    RawClient client = connect();
    connection->send(MessageKind::text, "last");
    connection->close(CloseCode{4000}, "later");
    CHECK_FALSE(connection->is_open());
    CHECK(connection->send(MessageKind::text, "too late") == SendResult::closed);
    CHECK(connection->ping() == SendResult::closed);
    connection->close();  // only the first counts
    CHECK(to_hex(client.read(15)) == "81 04 6c 61 73 74 88 07 0f a0 6c 61 74 65 72");
    turn(5);
    CHECK(ends.empty());
    client.send(client_close(4000));
    CHECK(client.read_to_end() == "");
    CHECK(client.state() == RawClient::State::ended);
    CHECK(end().by == CloseInfo::By::us);
    CHECK(end().code == CloseCode{4000});
    CHECK(end().reason == "later");
    CHECK_FALSE(end().error);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "data received after close() was sent is discarded, pings are not answered") {
    RawClient client = connect();
    connection->close(CloseCode::going_away);
    client.send(test::client_text("a") + test::client_ping() + client_frame(0xA, "") + client_close(1001));
    CHECK(to_hex(client.read_to_end()) == "88 02 03 e9");
    end();
    CHECK(events.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "close() without a code sends an empty close frame") {
    RawClient client = connect();
    connection->close(CloseCode::no_status);
    CHECK(to_hex(client.read(2)) == "88 00");
    client.send(client_close());
    CHECK(end().by == CloseInfo::By::us);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a peer that does not answer a close is dropped when close_grace is over") {
    settings.close_grace = loop::Milliseconds{20};
    RawClient client = connect();
    connection->close(CloseCode::normal);
    CHECK(to_hex(client.read(4)) == "88 02 03 e8");
    CHECK(end().by == CloseInfo::By::us);
    client.read_to_end();
    CHECK(client.state() != RawClient::State::open);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a peer that breaks the protocol after close() ends like one that answers") {
    RawClient client = connect();
    connection->close(CloseCode::normal);
    client.send(client_frame(0x3, ""));
    CHECK(to_hex(client.read_to_end()) == "88 02 03 e8");
    CHECK(end().by == CloseInfo::By::us);
    CHECK(end().code == CloseCode::normal);
    CHECK_FALSE(end().error);
    CHECK(counters.protocol_errors.value() == 0);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a TCP end without a close frame is an abnormal end without an error") {
    RawClient client = connect();
    client.send(test::client_text("a"));
    client.close();
    CHECK(end().by == CloseInfo::By::peer);
    CHECK(end().code == CloseCode::abnormal);
    CHECK_FALSE(end().error);
    CHECK(events.size() == 1);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a peer that half-closes still gets what was queued") {
    in_message = [this](auto...) { connection->send(MessageKind::text, "answer"); };
    RawClient client = connect();
    client.send(test::client_text("question"));
    client.shut_down_sending();
    CHECK(to_hex(client.read_to_end()) == "81 06 61 6e 73 77 65 72");
    CHECK(end().code == CloseCode::abnormal);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a reset connection ends with the network's error") {
    RawClient client = connect();
    client.reset();
    CHECK(end().by == CloseInfo::By::peer);
    CHECK(end().code == CloseCode::abnormal);
    CHECK(end().error == loop::uv_error(UV_ECONNRESET));
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a protocol error is answered by a close frame with its code and words, then TCP ends") {
    const struct {
      std::string bytes;
      Error error;
      std::uint16_t code;
      const char* reason;
    } table[] = {
        {client_frame(0x1, "a", {.mask = ""}), Error::not_masked, 1002,
         "frame not masked (RFC 6455 section 5.1)"},
        {client_frame(0x1, "\xff"), Error::text_not_utf8, 1007,
         "text message is not UTF-8 (RFC 6455 section 8.1)"},
        {test::client_header(0x1, 2'000'000), Error::message_too_big, 1009,
         "message too big: 2000000 bytes, the limit is 1000000"},
        {client_frame(0x8, "x"), Error::close_payload_too_short, 1002,
         "close frame with half a code (RFC 6455 section 5.5.1)"},
    };
    for (const auto& row : table) {
      CAPTURE(row.reason);
      ends.clear();
      RawClient client = connect();
      client.send(row.bytes);
      const std::string reason = row.reason;
      const std::string expected{'\x88', static_cast<char>(2 + reason.size()),
                                 static_cast<char>(row.code >> 8), static_cast<char>(row.code & 0xFF)};
      CHECK(to_hex(client.read_to_end()) == to_hex(expected + reason));
      CHECK(client.state() == RawClient::State::ended);
      CHECK(end().by == CloseInfo::By::us);
      CHECK(end().error == row.error);
      CHECK(end().code == CloseCode{row.code});
      CHECK(end().reason == reason);
    }
    CHECK(counters.protocol_errors.value() == std::size(table));
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "after a protocol error no more frames are taken") {
    RawClient client = connect();
    client.send(test::client_text("a") + client_frame(0x3, "") + test::client_text("b") +
                test::client_ping());
    const std::string answer = client.read_to_end();
    CHECK(to_hex(answer.substr(0, 4)) ==
          to_hex(std::string{'\x88', static_cast<char>(answer.size() - 2), '\x03', '\xea'}));
    end();
    CHECK(events == std::vector{test::text("a")});
    CHECK(ends.size() == 1);
  }

  TEST_CASE_FIXTURE(
      ConnectionFixture,
      "1009 reaches a peer that goes on sending: the rest is read and discarded, no RST is sent") {
    settings.linger = std::chrono::seconds{10};
    RawClient client = connect();
    const std::string big(2'000'000, 'x');
    REQUIRE(client.send(test::client_text(big)));
    CHECK(to_hex(client.read(4).substr(2)) == "03 f1");
    client.shut_down_sending();
    client.read_to_end();
    CHECK(client.state() == RawClient::State::ended);
    end();
    CHECK(events.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a peer that neither answers an error nor leaves is dropped when linger is over") {
    settings.linger = loop::Milliseconds{20};
    RawClient client = connect();
    client.send(client_frame(0x3, ""));
    end();
    connection.reset();
    CHECK(loop.run_until([&] { return !client.send("x"); }));  // the peer's end is gone: RST
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "CVE-2022-21676: invalid bytes in the segment of the upgrade request") {
    for (const std::uint8_t bit : {0x40, 0x20, 0x10}) {
      CAPTURE(bit);
      ends.clear();
      bool told_in_start = true;
      after_start = [&] { told_in_start = !ends.empty(); };
      behind_head = test::client_text("a") + client_frame(0x1, "b", {.reserved = bit});
      RawClient client = connect();
      CHECK_FALSE(told_in_start);
      CHECK_FALSE(connection->is_open());
      CHECK(connection->send(MessageKind::text, "x") == SendResult::closed);
      const std::string answer = client.read_to_end();
      CHECK(to_hex(answer.substr(2, 2)) == "03 ea");
      CHECK(end().error == Error::reserved_bit);
      CHECK(ends.size() == 1);
    }
    behind_head.clear();
    after_start = nullptr;
    RawClient neighbour = connect();
    neighbour.send(test::client_ping("alive"));
    CHECK(neighbour.read(7).substr(2) == "alive");
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a close frame behind the request's head ends the connection, told later") {
    bool told_in_start = true;
    after_start = [&] { told_in_start = !ends.empty(); };
    behind_head = client_close(1000);
    RawClient client = connect();
    CHECK_FALSE(told_in_start);
    CHECK(to_hex(client.read_to_end()) == "88 02 03 e8");
    CHECK(end().code == CloseCode::normal);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "a client that vanishes mid-frame leaves nothing behind") {
    RawClient client = connect();
    client.send(test::client_header(0x2, 500'000) + std::string(1000, 'x'));
    turn(3);
    client.reset();
    CHECK(end().code == CloseCode::abnormal);
    CHECK(events.empty());
  }
}

}  // namespace banter::websocket
