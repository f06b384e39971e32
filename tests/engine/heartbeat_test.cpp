// When a session pings, and when it takes its client for gone.
#include "engine/heartbeat.h"

#include <doctest/doctest.h>
#include <uv.h>

#include <chrono>

#include "tests/engine/session_fixture.h"

namespace banter::engine {
namespace {

using loop::Milliseconds;
using test::Log;

class Fixture : public test::SessionFixture {
 public:
  Fixture() {
    static_cast<void>(sent());
    static_cast<void>(heard());
  }
};

// A heartbeat alone, on a loop that can be kept from turning.
class Pulse : public HeartbeatOwner, public loop::StallListener {
 public:
  Pulse() {
    loop.get().set_stall_listener(this, Milliseconds{3});
    heartbeat.start();
    REQUIRE(loop.run_until([this] { return pings == 1; }));
  }
  virtual ~Pulse() { loop.get().set_stall_listener(nullptr, {}); }

  // Blocks the thread, as a handler that computes does, until the loop has noticed; answers for how long.
  Milliseconds stall() {
    const Milliseconds before = loop.get().stalled();
    while (loop.get().stalled() == before) {
      timer_.set(loop.get().wheel(), loop.get().now() + Milliseconds{1});
      loop.turn();
      for (const std::uint64_t end = uv_hrtime() + 6'000'000; uv_hrtime() < end;) {
      }
      loop.turn();
    }
    timer_.cancel();
    return loop.get().stalled() - before;
  }
  void pass(Milliseconds time) {
    skip(time);
    loop.get().wheel().advance(loop.get().now());
  }
  // Time that the loop has not looked at yet.
  void skip(Milliseconds time) { loop.get().uv()->time += static_cast<std::uint64_t>(time.count()); }

  void send_ping() override { ++pings; }
  void on_ping_timeout() override { ++timeouts; }
  void on_stall(Milliseconds) override {}

  test::TestLoop loop;
  Settings settings{.ping_interval = Milliseconds{1}, .ping_timeout = std::chrono::hours{1}};
  Heartbeat heartbeat{loop.get(), settings, *this};
  int pings = 0;
  int timeouts = 0;

 private:
  void on_timer() {}
  loop::Deadline timer_{*this, loop::Deadline::Calls<&Pulse::on_timer>{}};
};

}  // namespace

TEST_SUITE("engine heartbeat") {
  TEST_CASE_FIXTURE(Fixture, "pings ping_interval after the opening, then ping_interval after each pong") {
    pass(Milliseconds{299});
    CHECK(sent().empty());
    pass(Milliseconds{1});
    CHECK(sent() == Log{"2"});
    pass(Milliseconds{100});
    packet("3");
    pass(Milliseconds{299});
    CHECK(sent().empty());
    pass(Milliseconds{1});
    CHECK(sent() == Log{"2"});
    CHECK(counters.pings.value() == 2);
  }

  TEST_CASE_FIXTURE(Fixture, "no pong within ping_timeout ends the session") {
    pass(Milliseconds{300});
    pass(Milliseconds{199});
    CHECK(heard().empty());
    pass(Milliseconds{1});
    CHECK(heard() == Log{"close ping timeout"});
    CHECK(transport->closed->kind == Reason::ping_timeout);
  }

  TEST_CASE_FIXTURE(Fixture, "another packet restarts the deadline once per ping, later ones do not") {
    pass(Milliseconds{300});
    pass(Milliseconds{150});
    packet("4a");
    pass(Milliseconds{150});
    packet("4b");
    CHECK(heard() == Log{"text a", "text b"});
    pass(Milliseconds{49});
    CHECK(heard().empty());
    pass(Milliseconds{1});
    CHECK(heard() == Log{"close ping timeout"});
  }

  TEST_CASE_FIXTURE(Fixture, "a pong that nobody asked for does not put off the next ping") {
    pass(Milliseconds{200});
    packet("3");
    pass(Milliseconds{100});
    CHECK(sent() == Log{"2"});
    packet("3");
    packet("3");
    pass(Milliseconds{300});
    CHECK(sent() == Log{"2"});
  }

  TEST_CASE_FIXTURE(Fixture, "messages while no pong is awaited change nothing") {
    pass(Milliseconds{200});
    packet("4a");
    pass(Milliseconds{100});
    CHECK(sent() == Log{"2"});
  }

  TEST_CASE_FIXTURE(Fixture, "a binary message is another packet as well") {
    pass(Milliseconds{300});
    pass(Milliseconds{150});
    handler().on_binary({});
    pass(Milliseconds{199});
    CHECK(heard() == Log{"binary "});
    pass(Milliseconds{1});
    CHECK(heard() == Log{"close ping timeout"});
  }

  TEST_CASE_FIXTURE(Fixture, "so is one that means nothing, and each deadline may be restarted once") {
    for (int round = 0; round < 3; ++round) {
      pass(Milliseconds{300});
      CHECK(sent() == Log{"2"});
      pass(Milliseconds{199});
      packet("6");
      pass(Milliseconds{199});
      packet("3");
    }
    CHECK(heard().empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a request finds the session over from the deadline on, noticed or not") {
    pass(Milliseconds{300});
    loop.get().uv()->time += 199;
    CHECK(session->is_alive());
    loop.get().uv()->time += 1;
    CHECK_FALSE(session->is_alive());
    CHECK_FALSE(session->is_alive());
    CHECK(counters.ping_timeouts.value() == 1);
    CHECK(table.find(id.view()) == nullptr);
    end_turn();
    CHECK(heard() == Log{"close ping timeout"});
  }

  TEST_CASE_FIXTURE(Fixture, "a session is alive while no pong is awaited, however late its ping is") {
    loop.get().uv()->time += 10'000;
    CHECK(session->is_alive());
  }

  TEST_CASE("a deadline during which the own loop stood still is extended by as much") {
    Pulse pulse;
    const Milliseconds length = pulse.stall() + pulse.stall();
    pulse.pass(pulse.settings.ping_timeout);
    CHECK(pulse.timeouts == 0);
    pulse.pass(length - Milliseconds{1});
    CHECK(pulse.timeouts == 0);
    pulse.pass(Milliseconds{1});
    CHECK(pulse.timeouts == 1);
  }

  TEST_CASE("a stall before the ping does not count") {
    Pulse pulse;
    pulse.stall();
    pulse.heartbeat.on_pong();
    pulse.pass(pulse.settings.ping_interval);
    REQUIRE(pulse.pings == 2);
    pulse.pass(pulse.settings.ping_timeout);
    CHECK(pulse.timeouts == 1);
  }

  TEST_CASE("is not overdue while a stall has still to be made good") {
    Pulse pulse;
    pulse.stall();
    pulse.skip(pulse.settings.ping_timeout);
    CHECK_FALSE(pulse.heartbeat.is_overdue());
    pulse.pass({});
    CHECK(pulse.timeouts == 0);
    pulse.skip(std::chrono::hours{1});
    CHECK(pulse.heartbeat.is_overdue());
  }
}

}  // namespace banter::engine
