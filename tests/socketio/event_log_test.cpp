// The event log in memory: one order for all, what a client gets that comes back, and why it gets nothing.
#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include "tests/socketio/event_log_fixture.h"

namespace banter::socketio {
namespace {

using namespace std::chrono_literals;
using test::EventLogFixture;
using Lines = EventLogFixture::Lines;

}  // namespace

TEST_SUITE("event log") {
  TEST_CASE_FIXTURE(EventLogFixture,
                    "an event that nothing is in front of is delivered at once, in its turn") {
    auto first = entry("a");
    auto second = entry("b");
    first->origin = second->origin = &port();
    log().append(first);
    log().append(second);
    CHECK(delivered == Lines{"a", "b"});
  }

  TEST_CASE_FIXTURE(EventLogFixture, "an event waits for those in front of it, and what follows for it") {
    log().append(entry("from elsewhere"));
    auto own = entry("own");
    own->origin = &port();
    log().append(own);
    CHECK(delivered.empty());
    loop.turn();
    CHECK(delivered == Lines{"from elsewhere", "own"});
  }

  TEST_CASE_FIXTURE(EventLogFixture, "every stored event has an offset of its own, through all namespaces") {
    std::set<std::string> offsets;
    for (int i = 0; i < 20; ++i) {
      offsets.insert(append("a"));
      offsets.insert(append(entry("b", {}, "/admin")));
    }
    CHECK(offsets.size() == 40);
  }

  TEST_CASE_FIXTURE(EventLogFixture, "what is not stored carries the offset of the newest that is") {
    const std::string newest = append("stored");
    auto fleeting = entry("fleeting");
    fleeting->is_stored = false;
    CHECK(append(fleeting) == newest);
    CHECK(delivered == Lines{"stored", "fleeting"});
    CHECK(log().size().entries == 1);
    CHECK(replay(session("p"), newest).empty());
  }

  TEST_CASE_FIXTURE(EventLogFixture,
                    "a replay has what was for everyone, for one of the rooms, for that socket") {
    const std::string offset = append("before");
    append("everyone");
    append("red", {{"red"}, {}});
    append("blue", {{"blue"}, {}});
    append("red or blue", {{"blue", "red"}, {}});
    append("all but red", {{}, {"red"}});
    append("all but blue", {{}, {"blue"}});
    append("red but not green", {{"red"}, {"green"}});
    append("elsewhere");
    auto own = entry("own", {{"sid of p"}, {}});
    own->sid = "sid of p";
    append(own);
    auto other = entry("other's", {{"sid of q"}, {}});
    other->sid = "sid of q";
    append(other);
    append(entry("other namespace", {}, "/admin"));
    CHECK(replay(session("p", {"sid of p", "red", "green"}), offset) ==
          Lines{"everyone", "red", "red or blue", "all but blue", "elsewhere", "own"});
    CHECK(replay(session("p"), offset) ==
          Lines{"everyone", "all but red", "all but blue", "elsewhere", "own"});
  }

  TEST_CASE_FIXTURE(EventLogFixture, "events appended behind a replay are delivered behind its answer") {
    const std::string offset = append("before");
    Lines order;
    append("missed");
    log().append(entry("on its way"));
    const SavedSession back = session("p");
    log().replay(back, offset, {detail::PortRef(port()), [&](MissedEvents missed) {
                                  for (const auto& event : missed.entries)
                                    order.push_back(name_of(*event));
                                  CHECK(delivered.back() == "on its way");
                                }});
    auto behind = entry("behind");
    behind->origin = &port();
    log().append(behind);
    CHECK(delivered.back() == "missed");
    loop.turn();
    CHECK(order == Lines{"missed", "on its way"});
    CHECK(delivered.back() == "behind");
  }

  TEST_CASE_FIXTURE(EventLogFixture, "a session is handed out once, to who names its namespace and its pid") {
    const std::string offset = append("a");
    save("p", {"red"});
    CHECK(take("p", offset, "/admin").failure == RecoveryFailure::unknown_session);
    CHECK(take("q", offset).failure == RecoveryFailure::unknown_session);
    TakenSession taken = take("p", offset);
    CHECK(taken.failure == RecoveryFailure::none);
    CHECK(taken.session.sid == "sid of p");
    CHECK(taken.session.rooms == Lines{"red"});
    CHECK(take("p", offset).failure == RecoveryFailure::unknown_session);
    save(std::move(taken.session));
    CHECK(take("p", offset).failure == RecoveryFailure::none);
  }

  TEST_CASE_FIXTURE(EventLogFixture, "an offset that was never given restores nobody") {
    append("a");
    for (const std::string_view offset :
         {"", "epoch", "epoch.", "epoch.2", "epoch.-1", "epoch.+1", "epoch. 1", "epoch.1 ", "epoch.1x",
          "epoch.0x1", "epoch.99999999999999999999", "other.1", "1", ".1", "epoch.1.1"}) {
      CAPTURE(offset);
      save("p");
      CHECK(take("p", std::string(offset)).failure == RecoveryFailure::offset_gone);
      CHECK(replay(session("p"), offset) == Lines{"offset gone"});
    }
  }

  TEST_CASE_FIXTURE(EventLogFixture,
                    "a session is restored up to max_duration, is then expired, and forgotten") {
    const std::string offset = append("a");
    save("in time");
    save("late");
    save("forgotten");
    now += 120s;
    CHECK(take("in time", offset).failure == RecoveryFailure::none);
    now += 1ms;
    CHECK_FALSE(log().prune());
    CHECK(take("late", offset).failure == RecoveryFailure::expired);
    now += 120s;
    CHECK_FALSE(log().prune());
    CHECK(log().size().sessions == 0);
    CHECK(take("forgotten", offset).failure == RecoveryFailure::unknown_session);
  }

  TEST_CASE_FIXTURE(EventLogFixture, "a session that is saved again keeps its age") {
    const std::string offset = append("a");
    save("p");
    now += 100s;
    save(std::move(take("p", offset).session));
    now += 100s;
    CHECK(take("p", offset).failure == RecoveryFailure::expired);
  }

  TEST_CASE_FIXTURE(EventLogFixture, "beyond max_sessions the oldest one goes") {
    limits.max_sessions = 2;
    const std::string offset = append("a");
    for (const char* pid : {"1", "2", "3"})
      save(pid);
    CHECK(log().size().sessions == 2);
    CHECK(take("1", offset).failure == RecoveryFailure::unknown_session);
    CHECK(take("2", offset).failure == RecoveryFailure::none);
    CHECK(take("3", offset).failure == RecoveryFailure::none);
  }

  TEST_CASE_FIXTURE(EventLogFixture,
                    "events go by number, bytes and age; whoever needs one that is gone fails") {
    SUBCASE("number") {
      limits.max_entries = 3;
    }
    SUBCASE("bytes") {
      limits.max_bytes = 4 * sizeof(LogEntry);
    }
    SUBCASE("age") {}
    std::vector<std::string> offsets;
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      offsets.push_back(append(name));
      now += 30s;
    }
    // The age of an event may be 120 s: of five, 30 s apart, the first is older now.
    CHECK_FALSE(log().prune());
    const std::size_t kept = log().size().entries;
    REQUIRE(kept < 5);
    for (std::size_t last = 0; last < 5; ++last) {
      CAPTURE(last);
      const Lines missed = replay(session("p"), offsets[last]);
      if (last + 1 < 5 - kept) {
        CHECK(missed == Lines{"offset gone"});
      } else {
        CHECK(missed.size() == 4 - last);
      }
    }
  }

  TEST_CASE_FIXTURE(EventLogFixture,
                    "an event larger than the whole log is delivered, and ends what can be replayed") {
    limits.max_bytes = 10;
    const std::string offset = append("a");
    const std::string second = append("b");
    CHECK(delivered == Lines{"a", "b"});
    CHECK(log().size().bytes == 0);
    CHECK(replay(session("p"), offset) == Lines{"offset gone"});
    CHECK(replay(session("p"), second).empty());
  }

  TEST_CASE("events are charged to the budget, and the oldest go while it is spent") {
    base::Budget budget(10 * sizeof(LogEntry));
    {
      MemoryEventLog log(
          {120s, 1000, 1'000'000, 10}, "epoch", [] { return loop::TimePoint{}; }, &budget);
      for (int i = 0; i < 100; ++i) {
        log.append(EventLogFixture::entry("a"));
        CHECK(budget.used() == log.size().bytes);
      }
      CHECK_FALSE(budget.is_spent());
      CHECK(log.size().entries == 9);
      budget.charge(budget.limit());
      log.append(EventLogFixture::entry("b"));
      CHECK(log.size().entries == 0);
      budget.release(budget.limit());
    }
    CHECK(budget.used() == 0);
  }

  TEST_CASE_FIXTURE(EventLogFixture, "one namespace's events do not drive out another's") {
    limits.max_entries = 2;
    const std::string offset = append("a");
    append("b");
    for (int i = 0; i < 10; ++i)
      append(entry("noise", {}, "/noise"));
    CHECK(replay(session("p"), offset) == Lines{"b"});
  }

  TEST_CASE_FIXTURE(EventLogFixture,
                    "after a long quiet the newest offset is still good, its event long gone") {
    const std::string offset = append("a");
    now += 1h;
    CHECK_FALSE(log().prune());
    CHECK(log().size().entries == 0);
    CHECK(replay(session("p"), offset).empty());
    append("b");
    CHECK(replay(session("p"), offset) == Lines{"b"});
  }

  TEST_CASE_FIXTURE(EventLogFixture,
                    "who has the last event it was sent misses nothing of before it was lost") {
    limits.max_entries = 2;
    SavedSession quiet = session("p");
    quiet.last_sent = append("for it");
    for (int i = 0; i < 5; ++i)
      quiet.lost_after = append("for others", {{"others"}, {}});
    append("missed");
    CHECK(replay(quiet, quiet.last_sent) == Lines{"missed"});
    quiet.last_sent = quiet.lost_after;
    CHECK(replay(quiet, "epoch.1") == Lines{"offset gone"});
  }

  TEST_CASE_FIXTURE(EventLogFixture, "an offset of an earlier life brings back nothing of before it joined") {
    const std::string early = append("a");
    SavedSession fresh = session("p");
    fresh.joined_at = append("b");
    append("c");
    CHECK(replay(fresh, early) == Lines{"c"});
  }

  TEST_CASE_FIXTURE(EventLogFixture, "namespaces that are empty again are forgotten once there are many") {
    limits.max_entries = 1;
    const std::string early = append(entry("a", {}, "/0"));
    for (int i = 1; i < 3000; ++i) {
      now += 1s;
      log().append(entry("a", {}, "/" + std::to_string(i)));
      CHECK_FALSE(log().prune());
    }
    CHECK(log().size().entries <= 121);
    SavedSession back = session("p");
    back.nsp = "/0";
    CHECK(replay(back, early) == Lines{"offset gone"});
  }

  TEST_CASE_FIXTURE(EventLogFixture, "much that is too old is dropped in several rounds") {
    limits.max_entries = 10'000;
    for (int i = 0; i < 2500; ++i)
      log().append(entry("a"));
    now += 121s;
    int rounds = 1;
    while (log().prune())
      ++rounds;
    CHECK(rounds == 3);
    CHECK(log().size().entries == 0);
  }
}

}  // namespace banter::socketio
