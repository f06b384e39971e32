// POSTs of a polling session over real HTTP connections, and what ends when connections overlap or are lost.
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
using http::Answer;
using http::TestClient;

}  // namespace

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
    for (const Row& row : rows) {
      CAPTURE(row.body);
      Fixture fixture;
      TestClient poller = fixture.server.connect(), client = fixture.server.connect();
      fixture.poll(poller);
      const Answer answer = fixture.post(client, row.body);
      CHECK(answer.status == 400);
      CHECK(answer.body.empty());
      Log expected = row.delivered;
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

}  // namespace banter::engine
