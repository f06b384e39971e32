// When a session pings, and when it takes its client for gone.
#include "engine/heartbeat.h"

#include <doctest/doctest.h>

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
}

}  // namespace banter::engine
