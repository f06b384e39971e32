// What a handler may do inside its calls. A sanitizer watches for the dead.
#include <doctest/doctest.h>

#include "tests/websocket/connection_fixture.h"
#include "websocket/connection.h"

namespace banter::websocket {

using test::client_close;
using test::client_frame;
using test::ConnectionFixture;
using test::RawClient;
using test::to_hex;

namespace {

// Messages of which only the first may be heard if the handler ends the connection there: whole ones, or,
// kept by the reader, one that came in pieces.
std::string three_messages() {
  return test::client_text("one") + test::client_text("two") + test::client_text("three");
}

}  // namespace

TEST_SUITE("websocket connection, inside the handler") {
  TEST_CASE_FIXTURE(ConnectionFixture, "close() in on_message: no further message of the same read") {
    in_message = [this](auto...) { connection->close(); };
    RawClient client = connect();
    client.send(three_messages());
    CHECK(to_hex(client.read(4)) == "88 02 03 e8");
    CHECK(events.size() == 1);
    client.send(client_close(1000));
    CHECK(end().by == CloseInfo::By::us);
    CHECK(events.size() == 1);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "destroying the connection in on_message: its payload stays valid, TCP closes") {
    in_message = [this](MessageKind, std::span<char> payload) {
      connection.reset();
      CHECK(std::string(payload.begin(), payload.end()) == "one");
      payload[0] = 'O';
    };
    SUBCASE("whole messages") {
      RawClient client = connect();
      client.send(three_messages());
      client.read_to_end();
      CHECK(client.state() != RawClient::State::open);
    }
    SUBCASE("a message that was kept in pieces") {
      RawClient client = connect();
      client.send(client_frame(0x1, "o", {.is_final = false}) + client_frame(0x0, "ne") + three_messages());
      client.read_to_end();
      CHECK(client.state() != RawClient::State::open);
    }
    CHECK(events.size() == 1);
    CHECK(ends.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "destroying the connection in a message behind the request's head") {
    in_message = [this](auto...) { connection.reset(); };
    behind_head = three_messages();
    RawClient client = connect();
    client.read_to_end();
    CHECK(events.size() == 1);
    CHECK(ends.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "close_and_forget in on_message: the closing handshake goes on by itself") {
    in_message = [this](auto...) {
      Connection::close_and_forget(std::move(connection), CloseCode{4001}, "x");
    };
    SUBCASE("the peer answers") {
      RawClient client = connect();
      client.send(three_messages());
      CHECK(to_hex(client.read(5)) == "88 03 0f a1 78");
      client.send(client_close(4001));
      client.read_to_end();
      CHECK(client.state() == RawClient::State::ended);
    }
    SUBCASE("the peer had sent its close already") {
      RawClient client = connect();
      client.send(three_messages() + client_close(4001));
      CHECK(to_hex(client.read_to_end()) == "88 03 0f a1 78");
    }
    SUBCASE("the peer breaks the protocol") {
      RawClient client = connect();
      client.send(three_messages() + client_frame(0x3, ""));
      CHECK(to_hex(client.read_to_end()) == "88 03 0f a1 78");
    }
    SUBCASE("the peer vanishes") {
      RawClient client = connect();
      client.send(three_messages());
      client.read(5);
      client.reset();
      turn(5);
    }
    SUBCASE("the peer does not answer") {
      settings.close_grace = loop::Milliseconds{20};
      RawClient client = connect();
      client.send(three_messages());
      client.read_to_end();
      CHECK(client.state() != RawClient::State::open);
    }
    SUBCASE("behind the request's head, with a wrong frame") {
      behind_head = three_messages() + client_frame(0x3, "");
      RawClient client = connect();
      CHECK(to_hex(client.read_to_end()) == "88 03 0f a1 78");
    }
    SUBCASE("the loop closes first") {
      RawClient client = connect();
      client.send(test::client_text("one"));
      client.read(5);
    }
    CHECK(events.size() == 1);
    CHECK(ends.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "close_and_forget outside of a call, and after close()") {
    RawClient client = connect();
    SUBCASE("open") {}
    SUBCASE("closing") {
      connection->close(CloseCode{4002});
    }
    Connection::close_and_forget(std::move(connection), CloseCode{4002});
    CHECK(to_hex(client.read(4)) == "88 02 0f a2");
    client.send(client_close(4002));
    client.read_to_end();
    CHECK(client.state() == RawClient::State::ended);
    CHECK(ends.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "destroying or forgetting the connection in on_close") {
    SUBCASE("destroyed, after the peer's close") {
      in_close = [this] { connection.reset(); };
      RawClient client = connect();
      client.send(three_messages() + client_close(1000) + three_messages());
      CHECK(to_hex(client.read_to_end()) == "88 02 03 e8");
    }
    SUBCASE("forgotten, after the peer's close") {
      in_close = [this] { Connection::close_and_forget(std::move(connection)); };
      RawClient client = connect();
      client.send(client_close(1000));
      CHECK(to_hex(client.read_to_end()) == "88 02 03 e8");
    }
    SUBCASE("destroyed, after a protocol error") {
      in_close = [this] { connection.reset(); };
      RawClient client = connect();
      client.send(client_frame(0x3, "") + three_messages());
      CHECK(to_hex(client.read_to_end()).substr(6, 5) == "03 ea");
    }
    SUBCASE("destroyed, after a TCP end") {
      in_close = [this] { connection.reset(); };
      RawClient client = connect();
      client.close();
      end();
    }
    SUBCASE("destroyed, after close_grace") {
      settings.close_grace = loop::Milliseconds{10};
      in_close = [this] { connection.reset(); };
      RawClient client = connect();
      connection->close();
      end();
    }
    SUBCASE("destroyed, told after start()") {
      in_close = [this] { connection.reset(); };
      behind_head = client_frame(0x3, "");
      RawClient client = connect();
      end();
    }
    CHECK(ends.size() == 1);
    CHECK_FALSE(connection);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "destroying the connection between a wrong first frame and its on_close: silence") {
    behind_head = client_frame(0x3, "");
    after_start = [this] { connection.reset(); };
    RawClient client = connect();
    CHECK(to_hex(client.read_to_end()).substr(6, 5) == "03 ea");
    turn(5);
    CHECK(ends.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "on_close is the last call and comes once, whatever else happens") {
    in_close = [this] {
      connection->send(MessageKind::text, "x");
      connection->ping();
      connection->close();
    };
    RawClient client = connect();
    client.send(client_close(1000) + client_close(1000) + three_messages());
    CHECK(to_hex(client.read_to_end()) == "88 02 03 e8");
    turn(5);
    CHECK(ends.size() == 1);
    CHECK(events.empty());
  }
}

}  // namespace banter::websocket
