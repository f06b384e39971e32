// Peers that do not read what they are sent.
#include <doctest/doctest.h>

#include "loop/error.h"
#include "tests/websocket/connection_fixture.h"
#include "websocket/connection.h"

namespace banter::websocket {

using test::ConnectionFixture;
using test::RawClient;

namespace {

// Sends until the kernel's buffers at both ends are full and something stays in the server's queue.
void fill(ConnectionFixture& fixture) {
  const std::string chunk(64 * 1024, 'x');
  do {
    fixture.connection->send(MessageKind::binary, chunk);
    fixture.turn(50);
  } while (fixture.connection->is_open() && fixture.connection->buffered() < chunk.size() / 2);
  REQUIRE(fixture.connection->is_open());
}

}  // namespace

TEST_SUITE("websocket connection, slow peer") {
  TEST_CASE_FIXTURE(ConnectionFixture,
                    "of pongs to a peer that reads nothing 64 KiB are kept, then only the latest") {
    RawClient client = connect(4096);
    fill(*this);
    const std::size_t before = connection->buffered();
    const std::string payload(120, 'p');
    for (int i = 0; i < 2000; ++i)
      REQUIRE(client.send(test::client_ping(payload)));  // 244,000 bytes of pongs
    client.send(test::client_ping("the latest"));
    REQUIRE(loop.run_until([this] { return counters.pings_received.value() == 2001; }));
    CHECK(connection->buffered() <= before + 64 * 1024);
    CHECK(counters.pongs_left_out.value() > 1000);
    std::string received;
    REQUIRE(loop.run_until([&] {
      received += client.read_available();
      return received.ends_with("\x8a\x0athe latest");
    }));
    const std::size_t pongs = 2001 - counters.pongs_left_out.value();
    std::size_t found = 0;
    for (std::size_t at = 0; (at = received.find("\x8a\x78" + payload, at)) != std::string::npos; ++at)
      ++found;
    CHECK(found == pongs - 1);
    client.send(test::client_ping("again"));
    CHECK(client.read(7) ==
          "\x8a\x05"
          "again");
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "closing while a pong is held back") {
    RawClient client = connect(4096);
    fill(*this);
    for (int i = 0; i < 1000; ++i)
      client.send(test::client_ping(std::string(120, 'p')));
    REQUIRE(loop.run_until([this] { return counters.pongs_left_out.value() > 0; }));
    connection->close();
    std::string received;
    REQUIRE(loop.run_until([&] {
      received += client.read_available();
      return received.ends_with("\x88\x02\x03\xe8");
    }));
    client.send(test::client_close(1000));
    CHECK(end().by == CloseInfo::By::us);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "a reading policy that pauses stops above high_water and goes on when it has drained") {
    settings.reading = Reading::pauses_above_high_water;
    stream_settings.high_water = 64 * 1024;
    in_message = [this](MessageKind kind, std::span<char> payload) {
      connection->send(kind, std::string_view(payload.data(), payload.size()));
    };
    RawClient client = connect(64 * 1024);
    const std::size_t size = 32 * 1024,
                      count = 1000;  // far more than the kernel holds, and more than max_queue
    std::string to_send;
    for (std::size_t i = 0; i < count; ++i)
      to_send += test::client_binary(std::string(size, 'e'));
    std::string_view unsent = to_send;

    // The client sends and does not read: the server must stop taking.
    for (int turns_without = 0; turns_without < 1000; ++turns_without) {
      const std::size_t sent = client.send_some(unsent);
      if (sent > 0) turns_without = 0;
      unsent.remove_prefix(sent);
      turn(1);
    }
    CHECK(unsent.size() > to_send.size() / 4);
    CHECK(connection->buffered() > 0);
    CHECK(connection->buffered() < stream_settings.high_water + 2 * loop::Loop::receive_size);

    // Now it reads as well: everything is answered.
    std::size_t answered = 0;
    REQUIRE(loop.run_until([&] {
      unsent.remove_prefix(client.send_some(unsent));
      answered += client.read_available().size();
      return answered == count * (4 + size);
    }));
    CHECK(events.size() == count);
    CHECK(drains > 0);
    CHECK(ends.empty());
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "while reading is paused a close still gets through") {
    settings.reading = Reading::pauses_above_high_water;
    stream_settings.high_water = 1024;
    RawClient client = connect(4096);
    fill(*this);
    client.send(test::client_text("pauses behind this"));
    REQUIRE(wait_for_events(1));
    client.send(test::client_text("unheard"));
    turn(20);
    CHECK(events.size() == 1);
    connection->close();
    client.send(test::client_close(1000));
    CHECK(end().by == CloseInfo::By::us);
    CHECK(events.size() == 1);
  }

  TEST_CASE_FIXTURE(ConnectionFixture, "volatile messages are left out while something is left over") {
    RawClient client = connect(4096);
    CHECK(connection->send(MessageKind::text, "a", loop::Policy::drop) == SendResult::sent);
    fill(*this);
    CHECK(connection->send(MessageKind::text, "b", loop::Policy::drop) == SendResult::dropped);
    CHECK(connection->send(MessageKind::text, "c") == SendResult::queued);
  }

  TEST_CASE_FIXTURE(ConnectionFixture,
                    "more left over than max_queue ends the connection as a slow consumer, told later") {
    stream_settings.max_queue = 1024 * 1024;
    RawClient client = connect(4096);
    SendResult last = SendResult::sent;
    for (int i = 0; i < 1000 && last != SendResult::dropped; ++i) {
      last = connection->send(MessageKind::binary, std::string(64 * 1024, 'x'));
      CHECK(ends.empty());
    }
    CHECK(last == SendResult::dropped);
    CHECK(end().error == loop::Error::slow_consumer);
    CHECK(end().code == CloseCode::abnormal);
  }
}

}  // namespace banter::websocket
