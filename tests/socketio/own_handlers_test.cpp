// What is registered for one socket: handlers, catch-alls, timers; and that it may change while it is used.
#include <doctest/doctest.h>

#include <stdexcept>

#include "socketio/split_event.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;
using namespace std::chrono_literals;

class OwnFixture : public HubFixture {
 public:
  // A handler of the only socket that notes "name(arguments)" under `name`.
  HandlerId own(const std::string& event, const std::string& name,
                Socket::Times times = Socket::Times::every) {
    return only_socket().on(
        event, {}, [this, name](Call& call) { log.push_back(name + text_of(call)); }, times);
  }
  CatchAll noting(const std::string& name) {
    return [this, name](const detail::SocketRef&, std::string_view event, const Args& args) {
      log.push_back(name + " " + std::string(event) + "/" + std::to_string(args.size()));
    };
  }
};

}  // namespace

TEST_SUITE("socketio socket: handlers of its own") {
  TEST_CASE_FIXTURE(OwnFixture, "run behind the namespace's, in the order they were added") {
    log_event("e");
    FakeLink& link = join();
    own("e", "first");
    own("e", "second");
    own("other", "other");
    link.text("2[\"e\",1]");
    CHECK(log == Log{"e(1)", "first(1)", "second(1)"});
  }

  TEST_CASE_FIXTURE(OwnFixture, "are taken away one by one, by event, or all at once") {
    FakeLink& link = join();
    const HandlerId first = own("a", "a1");
    own("a", "a2");
    own("b", "b1");
    own("c", "c1");
    const auto hears = [&] {
      for (const std::string event : {"a", "b", "c"})
        link.text("2[\"" + event + "\"]");
      return take_log();
    };
    CHECK(hears() == Log{"a1()", "a2()", "b1()", "c1()"});
    only_socket().off(first);
    CHECK(hears() == Log{"a2()", "b1()", "c1()"});
    only_socket().off("b");
    CHECK(hears() == Log{"a2()", "c1()"});
    only_socket().off_all();
    CHECK(hears().empty());
    only_socket().off(first);  // no effect any more, also not on a new one
    CHECK(own("a", "new") != first);
    CHECK(hears() == Log{"new()"});
  }

  TEST_CASE_FIXTURE(OwnFixture, "once hears of one event") {
    FakeLink& link = join();
    only_socket().on(
        "e", {}, [&](Call&) { log.emplace_back("once"); }, Socket::Times::once);
    own("e", "every");
    link.text("2[\"e\"]");
    link.text("2[\"e\"]");
    CHECK(log == Log{"once", "every()", "every()"});
  }

  TEST_CASE_FIXTURE(OwnFixture,
                    "one that is removed before its turn does not run, one that is added runs next time") {
    FakeLink& link = join();
    HandlerId last{};
    only_socket().on("e", {}, [&](Call& call) {
      log.emplace_back("first");
      socket(call).off(last);
      own("e", "added");
    });
    last = own("e", "last");
    link.text("2[\"e\"]");
    CHECK(take_log() == Log{"first"});
    link.text("2[\"e\"]");
    CHECK(take_log() == Log{"first", "added()"});
  }

  TEST_CASE_FIXTURE(OwnFixture, "a running one may remove all, and may end its socket") {
    FakeLink& link = join();
    const auto kept = std::make_shared<std::string>("still there");
    only_socket().on("e", {}, [this, kept](Call& call) {
      socket(call).off_all();
      socket(call).disconnect();
      log.push_back(*kept);
    });
    own("e", "behind");
    link.text("2[\"e\"]");
    CHECK(log == Log{"still there"});
    turn();
    CHECK(kept.use_count() == 1);
  }

  TEST_CASE_FIXTURE(OwnFixture, "one that throws is reported, and the next one runs") {
    FakeLink& link = join();
    only_socket().on("e", {}, [](Call&) { throw std::runtime_error("broken"); });
    own("e", "next");
    link.text("2[\"e\"]");
    CHECK(log == Log{"next()"});
    CHECK(problems == Log{"0 e broken"});
  }
}

TEST_SUITE("socketio socket: catch-alls") {
  TEST_CASE_FIXTURE(OwnFixture,
                    "hear first, the namespace's ahead of the socket's, of events nobody handles too") {
    log_event("e");
    registry.get("/").handlers.any.push_back(noting("nsp"));
    FakeLink& link = join();
    own("e", "own");
    only_socket().on_any(noting("second"), Place::back);
    only_socket().on_any(noting("first"), Place::front);
    link.text("2[\"e\",1,2]");
    CHECK(take_log() == Log{"nsp e/2", "first e/2", "second e/2", "e(1,2)", "own(1,2)"});
    link.text("2[\"unknown\"]");
    CHECK(take_log() == Log{"nsp unknown/0", "first unknown/0", "second unknown/0"});
    CHECK(counters.unhandled_events.value() == 1);
  }

  TEST_CASE_FIXTURE(OwnFixture, "are removed one by one or all at once") {
    FakeLink& link = join();
    const HandlerId first = only_socket().on_any(noting("1"), Place::back);
    only_socket().on_any(noting("2"), Place::back);
    only_socket().on_any(noting("3"), Place::back);
    only_socket().off_any(first);
    link.text("2[\"e\"]");
    CHECK(take_log() == Log{"2 e/0", "3 e/0"});
    only_socket().off_any();
    link.text("2[\"e\"]");
    CHECK(take_log().empty());
  }

  TEST_CASE_FIXTURE(OwnFixture, "one that ends the socket keeps the event from its handlers") {
    log_event("e");
    FakeLink& link = join();
    only_socket().on_any([this](const detail::SocketRef& ref, std::string_view,
                                const Args&) { hub().find(ref.slot)->disconnect(); },
                         Place::back);
    link.text("2[\"e\"]");
    CHECK(log.empty());
    CHECK(link.sent() == Log{"1"});
  }

  TEST_CASE_FIXTURE(OwnFixture, "one that throws is reported, and the event goes on") {
    log_event("e");
    registry.get("/").handlers.any.emplace_back(
        [](const detail::SocketRef&, std::string_view, const Args&) { throw std::runtime_error("broken"); });
    FakeLink& link = join();
    link.text("2[\"e\"]");
    CHECK(log == Log{"e()"});
    CHECK(problems == Log{"0 e broken"});
  }

  TEST_CASE_FIXTURE(OwnFixture,
                    "outgoing ones hear what is emitted before it leaves, acknowledgements excepted") {
    registry.get("/").handlers.any_outgoing.push_back(noting("nsp"));
    FakeLink& link = join();
    Socket& socket = only_socket();
    socket.on_any_outgoing(noting("second"), Place::back);
    socket.on_any_outgoing(
        [&](const detail::SocketRef&, std::string_view event, const Args& args) {
          CHECK(link.sent().empty());
          log.push_back("first " + std::string(event) + " " + std::string(args.raw(0)) + " " +
                        std::to_string(args.get<Bytes>(1)->size()));
        },
        Place::front);
    emit(socket, "e \"quoted\"", 7, Bytes(std::string_view("abc")));
    CHECK(log == Log{"nsp e \"quoted\"/2", "first e \"quoted\" 7 3", "second e \"quoted\"/2"});
    CHECK(link.sent().size() == 1);
    answer(socket, 1, 1);
    CHECK(take_log().size() == 3);
  }

  TEST_CASE_FIXTURE(OwnFixture, "outgoing ones hear broadcasts that reach their socket, and no others") {
    FakeLink& one = connect();
    one.text("0");
    only_socket().on_any_outgoing(noting("one"), Place::back);
    only_socket().join("r");
    FakeLink& two = connect();
    two.text("0");
    static_cast<void>(one.sent());
    static_cast<void>(two.sent());
    broadcast({}, "all");
    broadcast({.rooms = {"r"}}, "room");
    broadcast({.rooms = {"s"}}, "other");
    broadcast({.except = {"r"}}, "except");
    CHECK(log == Log{"one all/0", "one room/0"});
    CHECK(one.sent().size() == 2);
    CHECK(two.sent().size() == 2);
  }

  TEST_CASE_FIXTURE(OwnFixture, "an outgoing one may end its socket, which then does not get the event") {
    FakeLink& link = join();
    Socket& socket = only_socket();
    const auto end = [this](const detail::SocketRef& ref, std::string_view, const Args&) {
      hub().find(ref.slot)->disconnect();
    };
    SUBCASE("by an emit") {
      socket.on_any_outgoing(end, Place::back);
      CHECK(emit(socket, "e") == SendResult::closed);
    }
    SUBCASE("by a broadcast, which goes on for the others") {
      socket.on_any_outgoing(end, Place::back);
      FakeLink& other = connect();
      other.text("0");
      static_cast<void>(other.sent());
      broadcast({}, "e");
      CHECK(other.sent() == Log{"2[\"e\"]"});
    }
    CHECK(link.sent() == Log{"1"});
  }

  TEST_CASE_FIXTURE(OwnFixture, "an outgoing one may broadcast while it hears of a broadcast") {
    FakeLink& link = join();
    only_socket().on_any_outgoing(
        [this](const detail::SocketRef&, std::string_view event, const Args&) {
          if (event == "outer") broadcast({}, "inner");
        },
        Place::back);
    FakeLink& other = connect();
    other.text("0");
    static_cast<void>(other.sent());
    broadcast({}, "outer");
    CHECK(link.sent() == Log{"2[\"inner\"]", "2[\"outer\"]"});
    CHECK(other.sent() == Log{"2[\"inner\"]", "2[\"outer\"]"});
  }

  TEST_CASE_FIXTURE(OwnFixture, "who has left or listens no more costs broadcasts nothing") {
    FakeLink& one = join();
    Socket& socket = only_socket();
    const HandlerId id = socket.on_any_outgoing(noting("one"), Place::back);
    socket.on_any_outgoing(noting("two"), Place::back);
    socket.off_any_outgoing(id);
    broadcast({}, "e");
    CHECK(take_log() == Log{"two e/0"});
    socket.off_any_outgoing();
    broadcast({}, "e");
    CHECK(take_log().empty());
    CHECK_FALSE(nsp().has_outgoing_listeners());
    socket.on_any_outgoing(noting("three"), Place::back);
    CHECK(nsp().has_outgoing_listeners());
    one.end();
    CHECK_FALSE(nsp().has_outgoing_listeners());
  }
}

TEST_SUITE("socketio socket: timers and upgrade") {
  TEST_CASE_FIXTURE(OwnFixture, "a timer runs once, unless it is cancelled or the socket goes first") {
    FakeLink& link = join();
    Socket& socket = only_socket();
    const auto state = std::make_shared<int>(0);
    const auto note = [this, state](const std::string& what) {
      return [this, state, what] { log.push_back(what); };
    };
    socket.after(1, 10ms, note("ran"));
    socket.after(2, 10ms, note("cancelled"));
    socket.after(3, 1h, note("too late"));
    socket.cancel_timer(2);
    pass(10ms);
    CHECK(take_log() == Log{"ran"});
    link.end();
    CHECK(state.use_count() == 2);  // here and in `note`
    pass(2h);
    CHECK(log.empty());
  }

  TEST_CASE_FIXTURE(OwnFixture, "a timer may end its socket, and what it throws is reported") {
    join();
    only_socket().after(1, 1ms, [this] {
      only_socket().disconnect();
      throw std::runtime_error("broken");
    });
    pass(1ms);
    CHECK(problems == Log{"5 after broken"});
    CHECK(nsp().size() == 0);
  }

  TEST_CASE_FIXTURE(OwnFixture, "an upgrade is told to the sockets that listen") {
    FakeLink& link = join();
    only_socket().on_upgrade([this] {
      log.emplace_back("upgraded");
      only_socket().disconnect();
    });
    link.upgrade();
    CHECK(log == Log{"upgraded"});
  }
}

TEST_SUITE("socketio split event") {
  TEST_CASE("takes apart what an emit has put together") {
    std::string text = "[";
    Encoder out(text);
    out.write_string("na\"me");
    const std::size_t name_end = text.size();
    encode_arguments(out, json{{"x", 1}}, Bytes(std::string_view("ab")), std::string(","));
    const SplitEvent split(view_of(out, name_end));
    CHECK(split.name() == "na\"me");
    REQUIRE(split.args().size() == 3);
    CHECK(split.args().raw(0) == "{\"x\":1}");
    CHECK(as_text(split.args().get<Bytes>(1)->span()) == "ab");
    CHECK(split.args().raw(2) == "\",\"");
  }
}

}  // namespace banter::socketio
