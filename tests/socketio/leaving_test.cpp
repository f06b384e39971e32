// How a socket ends: who says so, what is on the wire, the reason, and what handlers may do meanwhile.
#include <doctest/doctest.h>

#include <algorithm>

#include "socketio/error.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;

}  // namespace

TEST_SUITE("socketio leaving") {
  TEST_CASE_FIXTURE(HubFixture, "the client leaves: no answer, the connection stays, and it may come back") {
    log_life();
    FakeLink& link = join();
    link.text("1");
    CHECK(log == Log{"connection()", "disconnecting client namespace disconnect",
                     "disconnect client namespace disconnect"});
    CHECK(link.sent().empty());
    CHECK(link.is_open());
    CHECK(counters.sockets.value() == 0);
    link.text("0");
    CHECK(link.sent().size() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture, "the server leaves: DISCONNECT, and the connection stays") {
    log_life("/admin");
    FakeLink& link = join("/admin");
    Socket& leaving = only_socket("/admin");
    leaving.disconnect();
    leaving.disconnect();
    CHECK(link.sent() == Log{"1/admin,"});
    CHECK(log == Log{"connection()", "disconnecting server namespace disconnect",
                     "disconnect server namespace disconnect"});
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "disconnecting the client leaves every namespace and closes behind that") {
    log_life();
    log_life("/admin");
    FakeLink& link = join();
    link.text("0/admin,");
    take_log();
    static_cast<void>(link.sent());
    only_socket().client().disconnect();
    CHECK(link.sent() == Log{"1", "1/admin,"});
    CHECK_FALSE(link.is_open());
    turn();
    CHECK(log == Log{"disconnecting server namespace disconnect", "disconnect server namespace disconnect",
                     "disconnecting server namespace disconnect", "disconnect server namespace disconnect"});
    CHECK(counters.clients.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture, "the connection's end is the reason of each of its sockets") {
    log_event("disconnect");
    log_event("disconnect", "/admin");
    for (const Reason reason : {Reason::transport_close, Reason::transport_error, Reason::ping_timeout,
                                Reason::parse_error, Reason::slow_consumer, Reason::forced_close}) {
      FakeLink& link = join();
      link.text("0/admin,");
      link.end({.kind = reason});
      const std::string line = "disconnect " + std::string(to_text(reason));
      CHECK(take_log() == Log{line, line});
      turn();
    }
    CHECK(counters.sockets.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture, "a shutdown closes every connection without DISCONNECT") {
    log_event("disconnect");
    FakeLink& one = join();
    FakeLink& two = join();
    hub().close_all({.kind = Reason::server_shutting_down});
    CHECK(one.sent().empty());
    CHECK(two.sent().empty());
    CHECK(one.closed_with.kind == Reason::server_shutting_down);
    turn();
    CHECK(log == Log{"disconnect server shutting down", "disconnect server shutting down"});
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "disconnecting sees the rooms, disconnect does not; the values are there in both") {
    const auto note = [this](Call& call) {
      Socket& leaving = socket(call);
      log.push_back(std::to_string(leaving.rooms().size()) + leaving.data().dump());
    };
    on("connection", [this](Call& call) {
      socket(call).join("r");
      socket(call).data() = 7;
    });
    on("disconnecting", note);
    on("disconnect", note);
    join().text("1");
    CHECK(log == Log{"27", "07"});
  }

  TEST_CASE_FIXTURE(HubFixture, "a socket's own handlers hear of its end behind the namespace's") {
    log_life();
    on("connection", [this](Call& call) {
      socket(call).on("disconnect", {.takes_reason = true},
                      [this](Call& inner) { log.push_back("own" + text_of(inner)); });
    });
    FakeLink& link = join();
    take_log();
    link.end();
    CHECK(log == Log{"disconnecting transport close", "disconnect transport close", "own transport close"});
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "packets under way when the server left are ignored until the client is back") {
    log_event("e");
    FakeLink& link = join();
    only_socket().disconnect();
    for (const std::string packet : {"2[\"e\"]", "31[]", "1"})
      link.text(packet);
    link.text("51-[\"e\"]");
    link.binary("x");
    CHECK(link.is_open());
    CHECK(log.empty());
    link.text("0");
    link.text("2[\"e\"]");
    CHECK(log == Log{"e()"});
    link.text("1");
    link.text("2[\"e\"]");  // now it was the client that left
    CHECK(link.closed_with.error == Error::not_connected);
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "of what comes behind the client's DISCONNECT only acknowledgements are ignored") {
    FakeLink& link = join();
    link.text("1");
    link.text("31[]");
    link.text("61-1[{\"_placeholder\":true,\"num\":0}]");
    link.binary("x");
    CHECK(link.is_open());
    for (const std::string packet : {"2[\"e\"]", "51-[\"e\"]", "1"}) {
      CAPTURE(packet);
      FakeLink& other = join();
      other.text("1");
      other.text(packet);
      CHECK(other.closed_with.error == Error::not_connected);
    }
  }

  TEST_CASE_FIXTURE(HubFixture, "handlers of an event may disconnect its socket; the event goes on") {
    on("e", [this](Call& call) { socket(call).disconnect(); });
    log_event("e");
    log_life();
    FakeLink& link = join();
    take_log();
    link.text("2[\"e\"]");
    CHECK(log ==
          Log{"disconnecting server namespace disconnect", "disconnect server namespace disconnect", "e()"});
    CHECK(link.sent() == Log{"1"});
  }

  TEST_CASE_FIXTURE(HubFixture, "of several connection handlers none runs behind one that ends the socket") {
    on("connection", [this](Call& call) { socket(call).disconnect(); });
    log_life();
    connect().text("0");
    CHECK(log == Log{"disconnecting server namespace disconnect", "disconnect server namespace disconnect"});
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "handlers of the end may disconnect it again, close the connection, emit and join") {
    for (const std::string_view event : {"disconnecting", "disconnect"}) {
      on(event, [this](Call& call) {
        Socket& leaving = socket(call);
        CHECK(emit(leaving, "e") == SendResult::closed);
        leaving.join("late");
        leaving.leave_room("r");
        broadcast({{"r"}, {}}, "bye");
        broadcast({}, "bye all");
        leaving.disconnect();
        leaving.client().disconnect();
        log.push_back("done");
      });
    }
    on("connection", [this](Call& call) { socket(call).join("r"); });
    FakeLink& link = join();
    FakeLink& neighbour = join();
    link.text("1");
    turn();
    CHECK(log == Log{"done", "done"});
    CHECK(link.sent().empty());
    CHECK(neighbour.sent() == Log{"2[\"bye\"]", "2[\"bye all\"]", "2[\"bye\"]", "2[\"bye all\"]"});
    CHECK_FALSE(link.is_open());
    CHECK(nsp().size() == 1);
    CHECK(counters.clients.value() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "a handler of the end may end the other sockets, of this client and of others") {
    on("disconnect", [this](Call&) {
      log.push_back("main");
      for (Socket* other : nsp("/admin").select({}))
        other->disconnect();
      for (Socket* other : nsp().select({}))
        other->client().disconnect();
    });
    on(
        "disconnect", [this](Call&) { log.push_back("admin"); }, "/admin");
    std::vector<FakeLink*> links;
    for (int i = 0; i < 4; ++i) {
      links.push_back(&join());
      links.back()->text("0/admin,");
    }
    links[1]->end();
    turn();
    CHECK(std::count(log.begin(), log.end(), "main") == 4);
    CHECK(std::count(log.begin(), log.end(), "admin") == 4);
    CHECK(counters.sockets.value() == 0);
    CHECK(counters.clients.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "what a handler of the end throws is reported, and the socket goes all the same") {
    on("disconnecting", [](Call&) { throw std::runtime_error("one"); });
    on("disconnect", [](Call&) { throw std::runtime_error("two"); });
    join().end();
    CHECK(problems == Log{"1 disconnecting one", "1 disconnect two"});
    CHECK(counters.sockets.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture, "connections end in any order, and the rest stays whole") {
    std::vector<FakeLink*> links;
    for (int i = 0; i < 6; ++i)
      links.push_back(&join());
    for (const std::size_t i : {2U, 5U, 0U, 4U})
      links[i]->end();
    turn();
    CHECK(counters.clients.value() == 2);
    broadcast({}, "e");
    CHECK(links[1]->sent() == Log{"2[\"e\"]"});
    CHECK(links[3]->sent() == Log{"2[\"e\"]"});
    hub().close_all({});
    turn();
    CHECK(counters.clients.value() == 0);
  }
}

}  // namespace banter::socketio
