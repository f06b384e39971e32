// Connection state recovery: what is on the wire, what comes back, and why not.
#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "tests/socketio/recovery_fixture.h"

namespace banter::socketio {
namespace {

using namespace std::chrono_literals;
using test::FakeLink;
using test::RecoveryFixture;
using Known = RecoveryFixture::Known;
using Log = RecoveryFixture::Log;

}  // namespace

TEST_SUITE("socketio recovery") {
  TEST_CASE_FIXTURE(RecoveryFixture, "CONNECT tells the client a private id beside the public one") {
    Known known;
    join_with_offset(known);
    CHECK(known.pid.size() == 20);
    CHECK(known.pid != known.sid);
    CHECK(only_socket().id() == known.sid);
    CHECK(only_socket().recovery_failure() == RecoveryFailure::not_asked);
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "every stored event ends with its offset, a volatile one with the newest") {
    Known known;
    FakeLink& link = join_with_offset(known);
    CHECK(emit(only_socket(), "one", 1) == SendResult::posted);
    emit_all("all");
    emit_all("fleeting", {}, "/", loop::Policy::drop);
    emit_with(
        only_socket(), {}, [](detail::AckAnswer&) {}, "asked", "why");
    emit(only_socket(), "bin", Bytes(std::string_view("\x09")));
    CHECK(link.sent() == Log{R"(2["one",1,"epoch.2"])", R"(2["all","epoch.3"])", R"(2["fleeting","epoch.3"])",
                             R"(20["asked","why"])",
                             R"(51-["bin",{"_placeholder":true,"num":0},"epoch.4"] 09)"});
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "plain JSON clients hear the same events without offsets, and have no pid") {
    start();
    FakeLink& link = join_native();
    settle();
    emit_all("all");
    CHECK(emit(only_socket(), "one") == SendResult::posted);
    const Log sent = link.sent();
    REQUIRE(sent.size() == 3);
    CHECK(sent[0].find("pid") == std::string::npos);
    CHECK(sent[1] == R"({"name":"all","data":[]})");
    CHECK(sent[2] == R"({"name":"one","data":[]})");
    lose(link);
    CHECK(event_log().size().sessions == 0);
    CHECK(event_log().size().entries == 1);
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "what was missed comes first, in order, then CONNECT with the same ids") {
    Known known;
    FakeLink& link = join_with_offset(known);
    join_with_offset(known = {});  // somebody else, who stays
    known = {};
    FakeLink& mine = join_with_offset(known);
    static_cast<void>(link);
    lose(mine);
    emit_all("news");
    emit_all("fleeting", {}, "/", loop::Policy::drop);
    emit_all("for it", {{known.sid}, {}});
    emit_all("not for it", {{"elsewhere"}, {}});
    const Log sent = come_back(known);
    REQUIRE(sent.size() == 3);
    CHECK(names(sent) == Log{R"(2["news"])", R"(2["for it"])", connect_of(known)});
    emit_all("live");
    CHECK(names(last_link->sent()) == Log{R"(2["live"])"});
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "rooms and data come back; `recovered` says so to every handler") {
    Log seen;
    use([&](const detail::SocketRef& ref, Next) {
      seen.push_back("middleware " + std::string(to_text(hub().find(ref.slot)->recovery_failure())));
      accept(ref);
    });
    on("connection", [&](Call& call) {
      Socket& coming = socket(call);
      seen.push_back("connection " + std::string(to_text(coming.recovery_failure())));
      if (coming.recovered()) return;
      coming.join("red");
      coming.leave_room(coming.id());
      coming.data() = {{"name", "ann"}};
    });
    Known known;
    FakeLink& link = join_with_offset(known);
    lose(link);
    emit_all("red", {{"red"}, {}});
    emit_all("blue", {{"blue"}, {}});
    emit_all("own room, left", {{known.sid}, {}});
    CHECK(names(come_back(known)) == Log{R"(2["red"])", connect_of(known)});
    CHECK(seen == Log{"middleware not asked", "connection not asked", "middleware none", "connection none"});
    CHECK(only_socket().rooms() == Log{"red"});
    CHECK(only_socket().data() == json{{"name", "ann"}});
    CHECK(counters.recoveries[static_cast<std::size_t>(RecoveryFailure::none)].value() == 1);
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "a client that reads on is sent everything once, over many losses") {
    Known known;
    FakeLink* link = &join_with_offset(known);
    Log got;
    const auto read = [&](const Log& sent) {
      for (const std::string& packet : sent) {
        if (packet[0] != '2') continue;
        got.push_back(names({packet})[0]);
        known.offset = offset_in(packet);
      }
    };
    Log wanted;
    for (int i = 0; i < 50; ++i) {
      const std::string name = "e" + std::to_string(i);
      wanted.push_back("2[\"" + name + "\"]");
      if (i % 3 == 0) lose(*link);
      emit_all(name);
      if (i % 3 == 0) {
        read(come_back(known));
        link = last_link;
      }
      read(link->sent());
    }
    CHECK(got == wanted);
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "what was under way and never arrived is sent again") {
    Known known;
    FakeLink& link = join_with_offset(known);
    emit_all("lost on the way");
    static_cast<void>(link.sent());
    lose(link);
    CHECK(names(come_back(known)) == Log{R"(2["lost on the way"])", connect_of(known)});
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "namespaces of one connection come back each for itself") {
    registry.get("/admin");
    Known main;
    Known admin;
    FakeLink& link = join_with_offset(main);
    link.text("0/admin,");
    settle();
    admin = known_from(link.sent().back());
    emit_all("hello", {}, "/admin");
    admin.offset = offset_in(link.sent().back());
    lose(link);
    emit_all("to main");
    emit_all("to admin", {}, "/admin");
    CHECK(names(come_back(admin, "/admin")) == Log{R"(2/admin,["to admin"])", connect_of(admin, "/admin")});
    last_link->text(request(main));
    settle();
    CHECK(names(last_link->sent()) == Log{R"(2["to main"])", connect_of(main)});
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "why a client is a fresh socket") {
    Known known;
    FakeLink& link = join_with_offset(known);
    lose(link);
    std::string auth = R"({"pid":")" + known.pid + R"(","offset":")" + known.offset + "\"}";
    const auto ask = [&](RecoveryFailure why) {
      FakeLink& back = connect();
      back.text("0" + auth);
      settle();
      const Log sent = back.sent();
      REQUIRE(sent.size() == 1);
      const Known fresh = known_from(sent[0]);
      CHECK(fresh.sid != known.sid);
      CHECK(fresh.pid != known.pid);
      CHECK(only_socket().recovery_failure() == why);
      CHECK(counters.recoveries[static_cast<std::size_t>(why)].value() >= 1);
      CHECK(only_socket().data() == nullptr);
    };
    const std::string pid = known.pid;
    SUBCASE("not asked") {
      for (const char* other : {"", "{}", R"({"token":"pid"})", R"({"pid":null})", R"({"a":{"pid":"x"}})"}) {
        auth = other;
        ask(RecoveryFailure::not_asked);
        only_socket().client().close({});
        settle();
      }
    }
    SUBCASE("no offset") {
      auth = R"({"pid":")" + pid + "\"}";
      ask(RecoveryFailure::no_offset);
    }
    SUBCASE("of another kind") {
      const std::string huge(100'000, 'x');
      for (const std::string& other :
           {std::string(R"({"pid":1,"offset":"a"})"), std::string(R"({"pid":["a"],"offset":"a"})"),
            std::string(R"({"pid":{},"offset":"a"})"), std::string(R"({"pid":true,"offset":"a"})"),
            R"({"pid":")" + pid + R"(","offset":1})", R"({"pid":")" + pid + R"(","offset":[]})",
            R"({"pid":")" + huge + R"(","offset":"a"})",
            R"({"pid":")" + pid + R"(","offset":")" + huge + "\"}"}) {
        auth = other;
        ask(RecoveryFailure::bad_request);
        only_socket().client().close({});
        settle();
      }
    }
    SUBCASE("unknown session") {
      for (const char* other : {R"({"pid":"","offset":""})", R"({"pid":"\u0000","offset":"epoch.1"})",
                                R"({"pid":"AAAAAAAAAAAAAAAAAAAA","offset":"epoch.1"})"}) {
        auth = other;
        ask(RecoveryFailure::unknown_session);
        only_socket().client().close({});
        settle();
      }
    }
    SUBCASE("expired") {
      now += 121s;
      ask(RecoveryFailure::expired);
    }
    SUBCASE("offset gone") {
      auth = R"({"pid":")" + pid + R"(","offset":"Q7w47-O"})";
      ask(RecoveryFailure::offset_gone);
    }
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "what is too much for a queue is not begun with") {
    max_replay = 100;
    Known known;
    FakeLink& link = join_with_offset(known);
    lose(link);
    for (int i = 0; i < 20; ++i)
      emit_all("ten bytes!");
    const Log sent = come_back(known);
    REQUIRE(sent.size() == 1);
    CHECK(only_socket().recovery_failure() == RecoveryFailure::too_much);
    CHECK(known_from(sent[0]).pid != known.pid);
    CHECK(live.size() == 1);
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "only who was lost can come back, not who left") {
    const std::map<Reason, bool> leaves = {{Reason::transport_close, true},
                                           {Reason::transport_error, true},
                                           {Reason::ping_timeout, true},
                                           {Reason::forced_close, true},
                                           {Reason::forced_server_close, true},
                                           {Reason::server_shutting_down, true},
                                           {Reason::slow_consumer, true},
                                           {Reason::parse_error, false},
                                           {Reason::client_namespace_disconnect, false},
                                           {Reason::server_namespace_disconnect, false}};
    for (const auto& [reason, comes_back] : leaves) {
      CAPTURE(to_text(reason));
      Known known;
      lose(join_with_offset(known), reason);
      const Log sent = come_back(known);
      CHECK((sent.back() == connect_of(known)) == comes_back);
      last_link->text("1");
      settle();
      CHECK(event_log().size().sessions == 0);
      CHECK(live.size() == 0);
    }
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "a session is good once, and not behind an orderly leave") {
    Known known;
    FakeLink& link = join_with_offset(known);
    SUBCASE("restored already") {
      lose(link);
      CHECK(come_back(known).back() == connect_of(known));
      last_link->text("1");
    }
    SUBCASE("the client left") {
      link.text("1");
    }
    SUBCASE("the server left") {
      only_socket().disconnect();
    }
    settle();
    CHECK(come_back(known).back() != connect_of(known));
    CHECK(only_socket().recovery_failure() == RecoveryFailure::unknown_session);
  }
}

}  // namespace banter::socketio
