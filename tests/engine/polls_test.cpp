// Polls of one session over real HTTP connections: what they are answered, and when.
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

  TEST_CASE_FIXTURE(Fixture, "a send tells whether it leaves with this turn or waits for a poll") {
    TestClient client = server.connect();
    poll(client);
    CHECK(transport_holds(client));
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

}  // namespace banter::engine
