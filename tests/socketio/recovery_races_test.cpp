// Connection state recovery when things happen at the same time.
#include <doctest/doctest.h>

#include <optional>

#include "tests/socketio/recovery_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using Known = test::RecoveryFixture::Known;
using Log = test::RecoveryFixture::Log;

class RecoveryFixture : public test::RecoveryFixture {
 public:
  // A middleware that says yes at once, or calls `then` and leaves the decision to the test.
  template <class Then>
  void use_waiting(Then then) {
    use([this, then](const detail::SocketRef& ref, Next next) {
      if (!decides_later) return accept(ref);
      then(ref);
      pending.emplace(Pending{ref, std::move(next)});
    });
  }

  struct Pending {
    detail::SocketRef ref;
    Next next;
  };
  bool decides_later = false;
  std::optional<Pending> pending;
};

}  // namespace

TEST_SUITE("socketio recovery races") {
  TEST_CASE_FIXTURE(RecoveryFixture, "a client that is back before its loss was noticed takes over") {
    log_event("disconnect");
    Known known;
    FakeLink& old = join_with_offset(known);
    emit_all("never arrived");
    static_cast<void>(old.sent());
    CHECK(names(come_back(known)) == Log{R"(2["never arrived"])", connect_of(known)});
    CHECK_FALSE(old.is_open());
    CHECK(take_log() == Log{"disconnect transport close"});
    CHECK(only_socket().id() == known.sid);
    emit_all("once");
    CHECK(names(last_link->sent()) == Log{R"(2["once"])"});
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "one pid on many connections at once is one socket in the end") {
    Known known;
    join_with_offset(known);
    std::vector<FakeLink*> links;
    for (int i = 0; i < 5; ++i) {
      links.push_back(&connect());
      links.back()->text(request(known));
    }
    for (int i = 0; i < 10; ++i)
      settle();
    std::size_t restored = 0;
    for (FakeLink* link : links) {
      for (const std::string& packet : link->sent())
        restored += link->is_open() && packet == connect_of(known) ? 1U : 0U;
    }
    CHECK(restored <= 1);
    std::size_t with_that_id = 0;
    for (const Socket* socket : nsp().select({}))
      with_that_id += socket->id() == known.sid ? 1U : 0U;
    CHECK(with_that_id == restored);
    CHECK(live.size() == nsp().size());
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "what is emitted while middlewares decide arrives once, ahead of CONNECT") {
    use_waiting([&](const detail::SocketRef& ref) { emit(*hub().find(ref.slot), "from a middleware"); });
    Known known;
    lose(join_with_offset(known));
    emit_all("missed");
    decides_later = true;
    CHECK(come_back(known) == Log{R"(2["from a middleware",")" + known.offset + "\"]"});
    emit_all("meanwhile");
    accept(pending->ref);
    emit_all("in the same turn");
    settle();
    CHECK(names(last_link->sent()) ==
          Log{R"(2["missed"])", R"(2["meanwhile"])", connect_of(known), R"(2["in the same turn"])"});
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "a client that is lost again while middlewares decide may still come back") {
    use_waiting([](const detail::SocketRef&) {});
    Known known;
    lose(join_with_offset(known));
    emit_all("missed");
    decides_later = true;
    CHECK(come_back(known).empty());
    CHECK(event_log().size().sessions == 0);
    SUBCASE("and that was noticed") {
      lose(*last_link);
      CHECK(event_log().size().sessions == 1);
    }
    SUBCASE("or not") {}
    decides_later = false;
    CHECK(names(come_back(known)) == Log{R"(2["missed"])", connect_of(known)});
    CHECK(nsp().size() == 1);
    pending.reset();
    settle();
    CHECK(only_socket().id() == known.sid);
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "a client that is lost before its session was handed out may still come back") {
    Known known;
    lose(join_with_offset(known));
    FakeLink& link = connect();
    link.text(request(known));
    link.end({});
    settle();
    CHECK(event_log().size().sessions == 1);
    CHECK(come_back(known).back() == connect_of(known));
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "who is refused loses the session") {
    bool refuses = false;
    use([&](const detail::SocketRef& ref, Next) { refuses ? refuse(ref, "blocked") : accept(ref); });
    Known known;
    lose(join_with_offset(known));
    refuses = true;
    CHECK(come_back(known) == Log{R"(4{"message":"blocked"})"});
    CHECK(event_log().size().sessions == 0);
    CHECK(live.size() == 0);
    refuses = false;
    CHECK(come_back(known).back() != connect_of(known));
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "with skip_middlewares only who is restored is not asked about again") {
    skips_middlewares = true;
    int asked = 0;
    use([&](const detail::SocketRef& ref, Next) {
      ++asked;
      accept(ref);
    });
    Known known;
    lose(join_with_offset(known));
    CHECK(asked == 1);
    CHECK(come_back(known).back() == connect_of(known));
    CHECK(asked == 1);
    last_link->text("1");
    settle();
    CHECK(come_back(known).back() != connect_of(known));
    CHECK(asked == 2);
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "events evicted while middlewares decide: a fresh socket, not one with a gap") {
    limits.max_entries = 2;
    use_waiting([](const detail::SocketRef&) {});
    Known known;
    lose(join_with_offset(known));
    decides_later = true;
    CHECK(come_back(known).empty());
    for (int i = 0; i < 5; ++i)
      emit_all("more");
    accept(pending->ref);
    settle();
    const Log sent = last_link->sent();
    REQUIRE(sent.size() == 1);
    CHECK(known_from(sent[0]).sid != known.sid);
    CHECK(only_socket().recovery_failure() == RecoveryFailure::offset_gone);
    CHECK(live.size() == 1);
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "what the client sends while it is restored waits for CONNECT") {
    log_life();
    log_event("msg");
    Known known;
    lose(join_with_offset(known));
    take_log();
    FakeLink& link = connect();
    link.text(request(known));
    link.text("2[\"msg\",1]");
    CHECK(log.empty());
    settle();
    CHECK(log == Log{"connection()", "msg(1)"});
  }

  TEST_CASE_FIXTURE(RecoveryFixture,
                    "an emit takes effect in its place among joins, leaves and acknowledgements") {
    on("ask", [&](Call& call) {
      Socket& asking = socket(call);
      asking.join("red");
      emit_all("red", {{"red"}, {}});
      asking.leave_room("red");
      emit_all("red again", {{"red"}, {}});
      emit(asking, "one");
      answer(asking, 7, 1);
    });
    Known known;
    FakeLink& link = join_with_offset(known);
    link.text("27[\"ask\"]");
    CHECK(names(link.sent()) == Log{R"(2["red"])", R"(2["one"])", "37[1]"});
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "a farewell is sent before the socket is disconnected") {
    Known known;
    FakeLink& link = join_with_offset(known);
    bool waits = false;
    bool closes = false;
    SUBCASE("nothing is in front of it") {}
    SUBCASE("nothing is in front of it, and the connection is closed") {
      closes = true;
    }
    SUBCASE("it waits in the mailbox") {
      waits = true;
    }
    SUBCASE("it waits in the mailbox, and the connection is closed") {
      waits = closes = true;
    }
    if (waits) event_log().append(nsp().make_entry({.json = "[\"foreign\""}, std::nullopt));
    Socket& leaving = only_socket();
    emit(leaving, "bye");
    closes ? leaving.client().disconnect() : leaving.disconnect();
    settle();
    Log sent = names(link.sent());
    if (sent.front() == R"(2["foreign"])") sent.erase(sent.begin());
    CHECK(sent == Log{R"(2["bye"])", "1"});
    CHECK(nsp().size() == 0);
    CHECK(link.is_open() != closes);
  }

  TEST_CASE_FIXTURE(RecoveryFixture, "an acknowledgement that is asked for comes as without recovery") {
    Known known;
    FakeLink& link = join_with_offset(known);
    Log answers;
    const auto ask = [&] {
      return emit_with(
          only_socket(), {},
          [&](detail::AckAnswer& reply) {
            answers.push_back(reply.error ? reply.error.message() : std::string(reply.args.raw(0)));
          },
          "ask");
    };
    CHECK(ask() == SendResult::posted);
    link.text("30[5]");
    CHECK(answers == Log{"5"});
    ask();
    lose(link);
    CHECK(answers.size() == 2);
    CHECK(come_back(known) == Log{connect_of(known)});
  }
}

}  // namespace banter::socketio
