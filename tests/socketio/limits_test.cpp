// What one client can make the server keep or do, and what it hears beyond.
#include <doctest/doctest.h>

#include "socketio/error.h"
#include "socketio/token_bucket.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE("socketio limits") {
  TEST_CASE_FIXTURE(HubFixture,
                    "an event name of max_event_name bytes passes, a longer one is an invalid packet") {
    settings.max_event_name = 10;
    FakeLink& link = join();
    link.text("2[\"0123456789\"]");
    CHECK(link.is_open());
    CHECK(counters.unhandled_events.value() == 1);
    link.text("2[\"0123456789a\"]");
    CHECK(link.closed_with.error == Error::event_name_too_long);
    CHECK(link.closed_with.kind == Reason::forced_close);
    CHECK(link.closed_with.detail.find("max_event_name") != std::string::npos);
    CHECK(counters.invalid_packets.value() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture, "a join beyond max_rooms has no effect, and is counted and reported") {
    settings.max_rooms = 2;
    join();
    Socket& socket = only_socket();
    for (const char* room : {"a", "b", "c", "a"})
      socket.join(room);
    CHECK(socket.rooms() == Log{std::string(socket.id()), "a", "b"});
    CHECK(counters.refused_rooms.value() == 1);
    CHECK(problems.size() == 1);
    CHECK(problems[0].find("max_rooms already: c") != std::string::npos);
    socket.leave_room("a");
    socket.join("c");
    CHECK(socket.rooms().size() == 3);
  }

  TEST_CASE_FIXTURE(HubFixture, "a middleware cannot join more rooms either") {
    settings.max_rooms = 2;
    use([this](const detail::SocketRef& ref, Next) {
      Socket& socket = *hub().find(ref.slot);
      for (const char* room : {"a", "b", "c"})
        socket.join(room);
      socket.decide(0, true, {}, nullptr);
    });
    join();
    CHECK(only_socket().rooms().size() == 3);
    CHECK(counters.refused_rooms.value() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture, "an emit beyond max_pending_acks is dropped with its callback, others pass") {
    settings.max_pending_acks = 2;
    FakeLink& link = join();
    Socket& socket = only_socket();
    const auto state = std::make_shared<int>(0);
    const auto ask = [&] {
      return emit_with(
          socket, {}, [this, state](detail::AckAnswer&) { log.emplace_back("answer"); }, "q");
    };
    CHECK(ask() == SendResult::sent);
    CHECK(ask() == SendResult::sent);
    CHECK(ask() == SendResult::dropped);
    CHECK(state.use_count() == 3);
    CHECK(emit(socket, "e") == SendResult::sent);
    CHECK(link.sent() == Log{"20[\"q\"]", "21[\"q\"]", "2[\"e\"]"});
    CHECK(counters.refused_acks.value() == 1);
    link.text("31[]");
    CHECK(ask() == SendResult::sent);
    CHECK(log == Log{"answer"});
  }

  TEST_CASE_FIXTURE(HubFixture, "forged, late and second answers are ignored and counted") {
    FakeLink& link = join();
    emit_with(
        only_socket(), {.ack_timeout = 10ms},
        [this](detail::AckAnswer& reply) { log.push_back(reply.error ? reply.error.message() : "answer"); },
        "q");
    link.text("399[]");
    CHECK(counters.unknown_acks.value() == 1);
    link.text("30[]");
    link.text("30[]");
    CHECK(counters.unknown_acks.value() == 2);
    CHECK(log == Log{"answer"});
    CHECK(link.is_open());
  }
}

TEST_SUITE("socketio event rate") {
  TEST_CASE("a bucket holds its burst, and fills up with time") {
    const EventRate rate{.per_second = 1, .burst = 3};
    loop::TimePoint now{1h};
    TokenBucket bucket(rate, now);
    const auto take = [&](loop::Milliseconds later) {
      now += later;
      int taken = 0;
      while (bucket.take(now))
        ++taken;
      return taken;
    };
    CHECK(take(0ms) == 3);
    CHECK(take(500ms) == 0);
    CHECK(take(500ms) == 1);
    CHECK(take(2500ms) == 2);
    CHECK(take(500ms) == 1);  // with the half that was left
    CHECK(take(24h) == 3);
  }

  TEST_CASE_FIXTURE(HubFixture, "a client beyond it ends, for a reason that names it") {
    settings.event_rate = EventRate{.per_second = 10, .burst = 3};
    log_event("e");
    FakeLink& link = join();  // takes one
    link.text("2[\"e\"]");
    link.text("2[\"e\"]");
    pass(100ms);
    link.text("2[\"e\"]");
    CHECK(link.is_open());
    link.text("2[\"e\"]");
    CHECK(link.closed_with.kind == Reason::forced_close);
    CHECK(link.closed_with.detail.find("event_rate") != std::string::npos);
    CHECK(counters.rate_limited.value() == 1);
    CHECK(log.size() == 3);
  }

  TEST_CASE_FIXTURE(HubFixture, "answers do not count; what was held while joining counts once") {
    settings.event_rate = EventRate{.per_second = 1, .burst = 3};
    std::vector<Next> kept;
    use([&](const detail::SocketRef&, Next next) { kept.push_back(std::move(next)); });
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\"]");
    link.text("2[\"e\"]");
    hub().find({0, 1})->decide(0, true, {}, nullptr);
    for (int i = 0; i < 10; ++i)
      link.text("31[]");
    CHECK(link.is_open());
    CHECK(counters.events_in.value() == 2);
    link.text("2[\"e\"]");
    CHECK_FALSE(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "a client on plain JSON is closed with 1008") {
    settings.event_rate = EventRate{.per_second = 1, .burst = 1};
    FakeLink& link = join_native();
    link.text(R"({"name":"e"})");
    CHECK(link.is_open());
    link.text(R"({"name":"e"})");
    CHECK(link.closed_with.close_code == 1008);
  }
}

}  // namespace banter::socketio
