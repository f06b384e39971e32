// Polls and POSTs of one session over real HTTP connections.
#include "engine/polling_transport.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/deflate.h"
#include "tests/engine/polling_fixture.h"

namespace banter::engine {
namespace {

using Fixture = test::PollingFixture;
using Log = Fixture::Log;
using http::Answer;
using http::TestClient;
using loop::Policy;

constexpr auto done = Transport::Closing::done;
constexpr auto lingers = Transport::Closing::lingers;

}  // namespace

TEST_SUITE("engine polls") {
  TEST_CASE_FIXTURE(Fixture, "all packets of a turn go out in one answer, in their order, at its end") {
    TestClient client = server.connect();
    poll(client);
    CHECK(transport_holds(client));
    const std::array<std::string_view, 2> parts{"51-[\"e\"", "]"};
    const std::array bytes{base::SharedBytes::take(std::string("\x01\x02")), base::SharedBytes{}};
    CHECK(transport->send(parts, bytes, {}) == SendResult::sent);
    CHECK(transport->send_packet("2") == SendResult::sent);
    CHECK(transport->send_binary(as_bytes(std::string_view("\x03")), {}) == SendResult::sent);
    const base::SharedBytes form = FormMaker().make(transport->form_kind(Compress::yes), "2[\"f\"]", {});
    CHECK(transport->send_form(form, {}) == SendResult::sent);
    const std::string_view payload =
        "451-[\"e\"]\x1e"
        "bAQI=\x1e"
        "b\x1e"
        "2\x1e"
        "bAw==\x1e"
        "42[\"f\"]";
    CHECK(transport->buffered() == payload.size());
    end_turn();
    CHECK(transport->buffered() == 0);
    const Answer answer = client.answer();
    CHECK(answer.status == 200);
    CHECK(answer.body == payload);
    CHECK(answer.header("Content-Type") == "text/plain; charset=UTF-8");
    CHECK(answer.header("Cache-Control") == "no-store");
    CHECK(answer.header("Content-Encoding").empty());
    CHECK(answer.header("Connection").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "what waits is the answer to the next poll, then polls are held again") {
    TestClient client = server.connect();
    send("a");
    end_turn();
    send("b");
    end_turn();
    CHECK(poll_at_once(client).body ==
          "4a\x1e"
          "4b");
    poll(client);
    CHECK(transport_holds(client));
    send("c");
    end_turn();
    CHECK(client.answer().body == "4c");
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "what is sent in the turn in which a poll arrives goes with it") {
    TestClient client = server.connect();
    on_request = [this] { send("b"); };
    send("a");
    poll(client);
    CHECK(client.answer().body ==
          "4a\x1e"
          "4b");
  }

  TEST_CASE_FIXTURE(Fixture, "a send tells whether something older is left over") {
    CHECK(send("a") == SendResult::sent);
    CHECK(send("b") == SendResult::sent);
    end_turn();
    CHECK(send("c") == SendResult::queued);
    transport->close({.kind = Reason::forced_close});
    CHECK(send("d") == SendResult::closed);
    CHECK(transport->send_packet("2") == SendResult::closed);
    CHECK(transport->send_binary({}, {}) == SendResult::closed);
    CHECK(transport->send_form({}, {}) == SendResult::closed);
  }

  TEST_CASE_FIXTURE(Fixture, "a separator that the application sends does not begin another packet") {
    TestClient client = server.connect();
    poll(client);
    send(
        "a\x1e"
        "1");
    end_turn();
    CHECK(client.answer().body == "4a 1");
  }
}

TEST_SUITE("engine polls, volatile packets") {
  TEST_CASE_FIXTURE(Fixture,
                    "go while a poll is held since an earlier turn, all of one turn, also behind others") {
    TestClient client = server.connect();
    poll(client);
    CHECK(send("a", Policy::drop) == SendResult::sent);
    CHECK(send("b") == SendResult::sent);
    CHECK(send("c", Policy::drop) == SendResult::sent);
    CHECK(transport->send_binary({}, Policy::drop) == SendResult::sent);
    end_turn();
    CHECK(client.answer().body ==
          "4a\x1e"
          "4b\x1e"
          "4c\x1e"
          "b");
    CHECK(send("d", Policy::drop) == SendResult::dropped);  // that poll is answered
  }

  TEST_CASE_FIXTURE(Fixture, "are dropped if no poll was held when the turn began") {
    TestClient client = server.connect();
    CHECK(send("never polled", Policy::drop) == SendResult::dropped);
    std::vector<SendResult> results;
    on_request = [&] { results.push_back(send("as it arrives", Policy::drop)); };
    poll(client);
    CHECK(results == std::vector{SendResult::dropped});
    CHECK(transport_holds(client));
    CHECK(send("now", Policy::drop) == SendResult::sent);
    end_turn();
    CHECK(client.answer().body == "4now");
  }

  TEST_CASE_FIXTURE(Fixture, "are dropped while something is left over") {
    TestClient client = server.connect();
    send("a");
    end_turn();
    std::vector<SendResult> results;
    on_request = [&] { results.push_back(send("b", Policy::drop)); };
    CHECK(poll_at_once(client).body == "4a");
    CHECK(results == std::vector{SendResult::dropped});
  }

  TEST_CASE_FIXTURE(Fixture, "are dropped while polls are not held, since a WebSocket is being probed") {
    TestClient client = server.connect();
    poll(client);
    transport->set_probed(true);
    end_turn();
    CHECK(client.answer().body == "6");
    CHECK(send("a", Policy::drop) == SendResult::dropped);
  }
}

TEST_SUITE("engine polls, compressed answers") {
  // `pieces` messages of 100 bytes, of which only the last has `last`.
  std::string answer_to(Fixture & fixture, std::string_view headers, int pieces, Compress last) {
    TestClient client = fixture.server.connect();
    const std::string text(99, 'x');
    for (int i = 1; i <= pieces; ++i)
      fixture.send(text, Delivery(Policy::queue, i == pieces ? last : Compress::no));
    fixture.poll(client, headers);
    const Answer answer = client.answer();
    const std::string_view coding = answer.header("Content-Encoding");
    std::string plain = answer.body;
    if (coding == "gzip" || coding == "deflate") {
      const std::size_t head = coding == "gzip" ? 10 : 2;
      const std::size_t tail = coding == "gzip" ? 8 : 4;
      const std::string raw = answer.body.substr(head, answer.body.size() - head - tail);
      plain.clear();
      static_cast<void>(base::Inflater().append(plain, raw, 10'000));
    }
    CHECK(plain.size() == static_cast<std::size_t>(pieces) * 101 - 1);
    CHECK(plain.starts_with("4xxx"));
    return coding.empty() ? "plain" : std::string(coding);
  }

  TEST_CASE("are for clients that take them, and for long answers with a message that may be compressed") {
    struct Row {
      std::string_view headers;
      int pieces;
      Compress last;
      std::string_view coding;
    };
    const std::vector<Row> rows{
        {"Accept-Encoding: gzip, deflate\r\n", 10, Compress::yes, "gzip"},
        {"Accept-Encoding: deflate\r\n", 10, Compress::yes, "deflate"},
        {"Accept-Encoding: gzip;q=0.5, deflate;q=0.8\r\n", 10, Compress::yes, "deflate"},
        {"Accept-Encoding: gzip;q=0\r\n", 10, Compress::yes, "plain"},
        {"Accept-Encoding: br\r\n", 10, Compress::yes, "plain"},
        {"", 10, Compress::yes, "plain"},
        {"Accept-Encoding: gzip\r\n", 10, Compress::no, "plain"},
        {"Accept-Encoding: gzip\r\n", 5, Compress::yes, "gzip"},  // 504 bytes
        {"Accept-Encoding: gzip\r\n", 4, Compress::yes, "plain"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.headers);
      CAPTURE(row.pieces);
      Fixture fixture;
      fixture.settings.compress_polls_from = 504;
      CHECK(answer_to(fixture, row.headers, row.pieces, row.last) == row.coding);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "are none where that is switched off") {
    settings.compress_polls_from.reset();
    CHECK(answer_to(*this, "Accept-Encoding: gzip\r\n", 10, Compress::yes) == "plain");
  }

  TEST_CASE_FIXTURE(Fixture, "that a message may be compressed holds for its own answer alone") {
    settings.compress_polls_from = 10;
    CHECK(answer_to(*this, "Accept-Encoding: gzip\r\n", 2, Compress::yes) == "gzip");
    CHECK(answer_to(*this, "Accept-Encoding: gzip\r\n", 2, Compress::no) == "plain");
  }
}

TEST_SUITE("engine POSTs") {
  TEST_CASE_FIXTURE(Fixture, "packets are delivered in order, then the answer is ok") {
    TestClient client = server.connect();
    const Answer answer = post(client,
                               "4a\x1e"
                               "bAQI=\x1e"
                               "3\x1e"
                               "b\x1e"
                               "4\xc3\xa9",
                               "Accept-Encoding: gzip\r\n");
    CHECK(heard == Log{"packet 4a", "binary \x01\x02", "packet 3", "binary ", "packet 4\xc3\xa9"});
    CHECK(answer.status == 200);
    CHECK(answer.body == "ok");
    CHECK(answer.header("Content-Type") == "text/html");
    CHECK(answer.header("Content-Length") == "2");
    CHECK(answer.header("Cache-Control") == "no-store");
    CHECK(answer.header("Content-Encoding").empty());
    CHECK(post(client, "4b").body == "ok");  // on the same connection
  }

  TEST_CASE(
      "a packet that is none ends the session and is answered 400, behind the delivery of those before it") {
    struct Row {
      std::string_view body;
      Log delivered;
    };
    const std::vector<Row> rows{
        {"", {}},
        {"\x1e", {}},
        {"\x1e"
         "4a",
         {}},
        {"4a\x1e", {"packet 4a"}},
        {"4a\x1e\x1e"
         "4b",
         {"packet 4a"}},
        {"4a\x1e"
         "bAQI\x1e"
         "4b",
         {"packet 4a"}},
        {"4a\x1e"
         "b%%%%",
         {"packet 4a"}},
        {"bAQI=\x1e"
         "bAQJ=",
         {"binary \x01\x02"}},  // bits behind the last byte
        {"4a\x1e"
         "bAQ-_",
         {"packet 4a"}},
        {"4a\x1e"
         "4\xff\x1e"
         "4b",
         {"packet 4a"}},
        {"4\xed\xa0\x80", {}},
        {"4a\x1e"
         "4\xc3\x1e\xa9",
         {"packet 4a"}},
        {"4a\x1e"
         "b\xff",
         {"packet 4a"}},
    };
    for (auto [body, expected] : rows) {
      CAPTURE(body);
      Fixture fixture;
      TestClient poller = fixture.server.connect(), client = fixture.server.connect();
      fixture.poll(poller);
      const Answer answer = fixture.post(client, body);
      CHECK(answer.status == 400);
      CHECK(answer.body.empty());
      expected.emplace_back("packet ");
      CHECK(fixture.heard == expected);
      CHECK(poller.answer().body == "1");
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a close packet is answered ok, the held poll 6, and nothing behind it counts") {
    TestClient poller = server.connect(), client = server.connect();
    poll(poller);
    CHECK(post(client,
               "4a\x1e"
               "1\x1e"
               "4b\x1e")
              .body == "ok");
    CHECK(poller.answer().body == "6");
    CHECK(heard == Log{"packet 4a", "packet 1"});
  }

  TEST_CASE_FIXTURE(Fixture, "a packet that makes the application close is answered ok") {
    TestClient poller = server.connect(), client = server.connect();
    poll(poller);
    CHECK(post(client,
               "4close\x1e"
               "4b")
              .body == "ok");
    CHECK(poller.answer().body == "1");
    CHECK(heard == Log{"packet 4close"});
  }

  TEST_CASE("a body that is no text is refused and ends the session, whether it has bytes or not") {
    for (const std::string_view type :
         {"application/octet-stream", "Application/Octet-Stream", "application/octet-stream ; charset=x"}) {
      for (const std::string_view body : {"4a", ""}) {
        CAPTURE(type);
        Fixture fixture;
        TestClient poller = fixture.server.connect(), client = fixture.server.connect();
        fixture.poll(poller);
        const Answer answer = fixture.post(client, body, "Content-Type: " + std::string(type) + "\r\n");
        CHECK(answer.status == 400);
        CHECK(answer.body.empty());
        CHECK(poller.answer().body == "1");
        CHECK(fixture.heard == Log{"end transport error"});
      }
    }
  }

  TEST_CASE_FIXTURE(Fixture, "any other type of body is UTF-8 text") {
    TestClient client = server.connect();
    for (const std::string_view type : {"text/plain;charset=UTF-8", "text/plain; charset=latin1",
                                        "application/json", "application/octet-streams", ""}) {
      CHECK(post(client, "4\xc3\xa9", "Content-Type: " + std::string(type) + "\r\n").body == "ok");
    }
    CHECK(heard == Log(5, "packet 4\xc3\xa9"));
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a body of max_payload is taken, a longer one answered 413 and the session goes on") {
    TestClient client = server.connect();
    CHECK(post(client, "4" + std::string(999, 'x')).body == "ok");
    heard.clear();
    SUBCASE("by its length") {
      client.send(post_head(1001));
    }
    SUBCASE("while it is read") {
      client.send(
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n4a\x1e\r\n"
          "3e8\r\n");
      client.send(std::string(1000, 'x'));
    }
    const Answer answer = client.answer();
    CHECK(answer.status == 413);
    CHECK(answer.body.empty());
    CHECK(heard.empty());
    TestClient next = server.connect();
    CHECK(post(next, "4b").body == "ok");
  }
}

TEST_SUITE("engine polling, overlapping requests") {
  TEST_CASE_FIXTURE(Fixture,
                    "a poll while one is held: 1 to the first, 400 to the second, and the session ends") {
    TestClient first = server.connect(), second = server.connect();
    poll(first);
    poll(second);
    const Answer answer = second.answer();
    CHECK(answer.status == 400);
    CHECK(answer.body.empty());
    const Answer held = first.answer();
    CHECK(held.status == 200);
    CHECK(held.body == "1");
    CHECK(heard == Log{"end transport error"});
  }

  TEST_CASE(
      "a POST while one is being read: the first is cut off, the second gets 400, and the session ends") {
    for (const std::string_view body : {"4b", ""}) {
      CAPTURE(body);
      Fixture fixture;
      TestClient first = fixture.server.connect(), second = fixture.server.connect();
      fixture.begin_post(first);
      CHECK(fixture.transport->is_reading_post());
      const Answer answer = fixture.post(second, body);
      CHECK(answer.status == 400);
      CHECK(answer.body.empty());
      first.wait_for_end();
      CHECK(first.received().empty());
      CHECK(fixture.heard == Log{"end transport error"});
      CHECK_FALSE(fixture.transport->is_reading_post());
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a poll and a POST at a time are normal") {
    TestClient poller = server.connect(), client = server.connect();
    poll(poller);
    begin_post(client, "4a", 4);
    send("x");
    end_turn();
    CHECK(poller.answer().body == "4x");
    client.send("bc");
    CHECK(client.answer().body == "ok");
    CHECK(heard == Log{"packet 4abc"});
  }
}

TEST_SUITE("engine polling, lost connections") {
  TEST_CASE("the loss of a held poll ends the session") {
    for (const std::string_view how : {"closed", "reset", "half closed"}) {
      CAPTURE(how);
      Fixture fixture;
      TestClient client = fixture.server.connect();
      fixture.poll(client);
      if (how == "closed") client.close();
      if (how == "reset") client.reset();
      if (how == "half closed") client.half_close();
      fixture.wait_for(1);
      CHECK(fixture.heard == Log{"end transport error"});
    }
  }

  TEST_CASE("the loss of a POST ends the session, and nothing of it is delivered") {
    for (const std::string_view how : {"closed", "reset", "malformed"}) {
      CAPTURE(how);
      Fixture fixture;
      TestClient poller = fixture.server.connect(), client = fixture.server.connect();
      fixture.poll(poller);
      const int before = fixture.heads;
      client.send(
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n4a\x1e"
          "4b");
      fixture.server.run_until_true([&] { return fixture.heads > before; });
      if (how == "closed") client.close();
      if (how == "reset") client.reset();
      if (how == "malformed") client.send("c");
      fixture.wait_for(1);
      CHECK(fixture.heard == Log{"end transport error"});
      CHECK(poller.answer().body == "1");
    }
  }

  TEST_CASE_FIXTURE(Fixture, "the loss of a connection between two requests means nothing") {
    TestClient client = server.connect();
    CHECK(post(client, "4a").body == "ok");
    client.reset();
    server.run_until_true([&] { return server.connections.size() == 0; });
    CHECK(heard == Log{"packet 4a"});
  }

  TEST_CASE_FIXTURE(Fixture, "a transport that is destroyed hears of nothing") {
    TestClient poller = server.connect(), client = server.connect();
    poll(poller);
    begin_post(client);
    send("a");
    transport.reset();
    poller.close();
    client.close();
    server.run_until_true([&] { return server.connections.size() == 0; });
    CHECK(heard.empty());
  }
}

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
    CHECK(send("1234") == SendResult::sent);
    CHECK(send("567") == SendResult::sent);
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
    CHECK(transport->send({}, std::span(&bytes, 1), {}) == SendResult::sent);  // 4, a separator, b, 8
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
