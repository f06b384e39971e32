// How a polling transport ends: by a close, with the rest still to be fetched, or by another that takes over.
#include "engine/polling_transport.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/engine/polling_fixture.h"

namespace banter::engine {
namespace {

using Fixture = test::PollingFixture;
using Log = Fixture::Log;
using http::TestClient;

constexpr auto done = Transport::Closing::done;
constexpr auto lingers = Transport::Closing::lingers;

}  // namespace

TEST_SUITE("engine polling, the end") {
  TEST_CASE_FIXTURE(Fixture, "a close answers a held poll with 1") {
    TestClient client = server.connect();
    poll(client);
    CHECK(transport->close({.kind = Reason::forced_close}) == done);
    CHECK(client.answer().body == "1");
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a close with data for the held poll goes behind it") {
    TestClient client = server.connect();
    poll(client);
    send("a");
    CHECK(transport->close({.kind = Reason::forced_close}) == done);
    CHECK(client.answer().body ==
          "4a\x1e"
          "1");
  }

  TEST_CASE_FIXTURE(Fixture, "a close without a held poll waits for the next, which gets 6 and 1") {
    TestClient client = server.connect();
    CHECK(transport->close({.kind = Reason::forced_close}) == lingers);
    pass(settings.close_grace - std::chrono::seconds{1});
    CHECK(heard.empty());
    CHECK(poll_at_once(client).body ==
          "6\x1e"
          "1");
    CHECK(heard == Log{"end transport close"});
    pass(settings.close_grace);
    CHECK(heard.size() == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "a close with data waiting: the next poll gets it and the close packet") {
    TestClient client = server.connect();
    send("a");
    end_turn();
    CHECK(transport->close({.kind = Reason::forced_close}) == lingers);
    CHECK(transport->buffered() == 2);
    CHECK(poll_at_once(client).body ==
          "4a\x1e"
          "1");
    CHECK(heard == Log{"end transport close"});
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a POST while the rest is to be fetched is answered ok, and nothing of it delivered") {
    TestClient client = server.connect();
    transport->close({.kind = Reason::forced_close});
    CHECK(post(client, "4a").body == "ok");
    CHECK(heard.empty());
  }

  TEST_CASE("Socket.IO's goodbye goes alone, and the close packet with the next poll, if that comes") {
    for (const bool is_held : {true, false}) {
      for (const bool comes : {true, false}) {
        CAPTURE(is_held);
        CAPTURE(comes);
        Fixture fixture;
        TestClient client = fixture.server.connect();
        if (is_held) fixture.poll(client);
        fixture.send("1");
        CHECK(fixture.transport->close({.kind = Reason::server_namespace_disconnect}) == lingers);
        CHECK((is_held ? client.answer() : fixture.poll_at_once(client)).body == "41");
        CHECK(fixture.heard.empty());
        if (comes)
          CHECK(fixture.poll_at_once(client).body ==
                "6\x1e"
                "1");
        if (!comes) fixture.pass(fixture.settings.close_grace);
        CHECK(fixture.heard == Log{"end transport close"});
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a goodbye that the client had already leaves the close packet alone") {
    TestClient client = server.connect();
    poll(client);
    CHECK(transport->close({.kind = Reason::server_namespace_disconnect}) == done);
    CHECK(client.answer().body == "1");
  }

  TEST_CASE_FIXTURE(Fixture, "without a poll within close_grace what waits is dropped") {
    send("a");
    transport->close({.kind = Reason::forced_close});
    pass(settings.close_grace - std::chrono::seconds{1});
    CHECK(heard.empty());
    pass(std::chrono::seconds{1});
    CHECK(heard == Log{"end transport close"});
    CHECK(transport->buffered() == 0);
  }

  TEST_CASE("a session that ends at once answers the held poll alone, and drops what waits") {
    for (const Reason reason : {Reason::server_shutting_down, Reason::ping_timeout, Reason::slow_consumer,
                                Reason::parse_error, Reason::transport_error, Reason::transport_close}) {
      CAPTURE(to_text(reason));
      Fixture fixture;
      TestClient client = fixture.server.connect();
      fixture.poll(client);
      fixture.send("a");
      CHECK(fixture.transport->close({.kind = reason}) == done);
      CHECK(client.answer().body == (reason == Reason::transport_close ? "6" : "1"));
      Fixture silent;
      silent.send("a");
      CHECK(silent.transport->close({.kind = reason}) == done);
      CHECK(silent.transport->buffered() == 0);
      CHECK(silent.heard.empty());
    }
  }

  TEST_CASE_FIXTURE(Fixture,
                    "more than max_queue waiting ends the session as a slow consumer's, at the turn's end") {
    settings.max_queue = 10;
    CHECK(send("1234") == SendResult::queued);
    CHECK(send("567") == SendResult::queued);
    CHECK(transport->buffered() == 10);
    end_turn();
    CHECK(heard.empty());
    CHECK(send("") == SendResult::dropped);
    CHECK(send("") == SendResult::dropped);
    CHECK(heard.empty());
    end_turn();
    CHECK(heard == Log{"end slow consumer"});
    CHECK(transport->buffered() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "max_queue counts attachments as they are sent, in base64") {
    settings.max_queue = 12;
    const base::SharedBytes bytes = base::SharedBytes::take(std::string(6, 'x'));
    CHECK(transport->send({}, std::span(&bytes, 1), {}) == SendResult::queued);  // 4, a separator, b, 8
    CHECK(transport->send_binary({}, {}) == SendResult::dropped);
  }
}

TEST_SUITE("engine polling, upgrade") {
  TEST_CASE_FIXTURE(Fixture, "polls are not held while a WebSocket is being probed") {
    TestClient client = server.connect();
    poll(client);
    transport->set_probed(true);
    end_turn();
    CHECK(client.answer().body == "6");
    CHECK(poll_at_once(client).body == "6");
    send("a");
    end_turn();
    CHECK(poll_at_once(client).body == "4a");
    transport->set_probed(false);
    poll(client);
    CHECK(transport_holds(client));
  }

  TEST_CASE_FIXTURE(Fixture,
                    "when another transport takes over it gives away what waits and answers the poll") {
    TestClient client = server.connect();
    poll(client);
    send("a");
    send("b");
    CHECK(transport->retire() ==
          "4a\x1e"
          "4b");
    CHECK(client.answer().body == "6");
    CHECK(send("c") == SendResult::closed);
    end_turn();
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a POST that is being read is delivered and answered, its loss ends nothing") {
    TestClient client = server.connect();
    begin_post(client, "4a", 4);
    CHECK(transport->retire().empty());
    CHECK(transport->is_reading_post());
    SUBCASE("complete") {
      client.send("bc");
      CHECK(client.answer().body == "ok");
      CHECK(heard == Log{"packet 4abc"});
    }
    SUBCASE("lost") {
      client.reset();
      server.run_until_true([&] { return server.connections.size() == 0; });
      CHECK(heard.empty());
    }
    CHECK_FALSE(transport->is_reading_post());
  }
}

}  // namespace banter::engine
