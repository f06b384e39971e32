#include "loop/timer_wheel.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "banter/function.h"

using namespace banter::loop;
using namespace std::chrono_literals;

namespace {

TimePoint at(std::int64_t milliseconds) {
  return TimePoint{Milliseconds{milliseconds}};
}

// Notes when it fires, then does what the test wants.
struct Alarm {
  Alarm(std::vector<int>& fired_list, int number) : fired(fired_list), id(number) {}

  void on_deadline() {
    fired.push_back(id);
    if (banter::Function<void()> then = std::move(action)) then();
  }

  std::vector<int>& fired;
  int id;
  banter::Function<void()> action;
  Deadline deadline{*this, Deadline::Calls<&Alarm::on_deadline>{}};
};

}  // namespace

TEST_SUITE("timer wheel") {
  TEST_CASE("fires a deadline at its millisecond and not before, near and far") {
    for (const std::int64_t start : {0, 1, 63, 64, 4095, 123'456'789}) {
      for (const std::int64_t delay : {1LL, 2LL, 63LL, 64LL, 65LL, 4095LL, 4096LL, 262'144LL, 16'777'216LL,
                                       1'073'741'823LL, 1'073'741'824LL, 5'000'000'000LL}) {
        CAPTURE(start);
        CAPTURE(delay);
        std::vector<int> fired;
        TimerWheel wheel(at(start));
        Alarm alarm(fired, 1);
        alarm.deadline.set(wheel, at(start + delay));
        CHECK(alarm.deadline.is_set());
        wheel.advance(at(start + delay - 1));
        CHECK(fired.empty());
        wheel.advance(at(start + delay));
        CHECK(fired == std::vector{1});
        CHECK_FALSE(alarm.deadline.is_set());
        CHECK_FALSE(wheel.next_due());
      }
    }
  }

  TEST_CASE("fires a deadline that has passed already with the next advance") {
    std::vector<int> fired;
    TimerWheel wheel(at(1000));
    Alarm alarm(fired, 1);
    alarm.deadline.set(wheel, at(3));
    CHECK(wheel.next_due() == at(1001));
    wheel.advance(at(1000));
    CHECK(fired.empty());
    wheel.advance(at(1001));
    CHECK(fired == std::vector{1});
  }

  TEST_CASE("fires in order of time after a jump, whatever the order of setting") {
    std::vector<int> fired;
    TimerWheel wheel;
    std::vector<std::unique_ptr<Alarm>> alarms;
    for (const int time : {100, 70, 5'000, 130, 1, 99, 4'500, 300'000, 64, 270'000}) {
      alarms.push_back(std::make_unique<Alarm>(fired, time));
      alarms.back()->deadline.set(wheel, at(time));
    }
    wheel.advance(at(1'000'000));
    CHECK(fired == std::vector{1, 64, 70, 99, 100, 130, 4'500, 5'000, 270'000, 300'000});
  }

  TEST_CASE("a deadline can be moved to later and to earlier") {
    std::vector<int> fired;
    TimerWheel wheel;
    Alarm alarm(fired, 1);
    alarm.deadline.set(wheel, at(100));
    alarm.deadline.set(wheel, at(10'000));
    wheel.advance(at(9'999));
    CHECK(fired.empty());
    alarm.deadline.set(wheel, at(20'000));
    alarm.deadline.set(wheel, at(10'001));
    wheel.advance(at(10'000));
    CHECK(fired.empty());
    wheel.advance(at(10'001));
    CHECK(fired.size() == 1);
  }

  TEST_CASE("a fired method may set, cancel and destroy its own deadline and others") {
    std::vector<int> fired;
    TimerWheel wheel;
    auto first = std::make_unique<Alarm>(fired, 1);
    auto second = std::make_unique<Alarm>(fired, 2);
    auto third = std::make_unique<Alarm>(fired, 3);
    Alarm fourth(fired, 4);
    for (Alarm* alarm : {first.get(), second.get(), third.get(), &fourth})
      alarm->deadline.set(wheel, at(50));

    SUBCASE("destroy itself and another that is due") {
      first->action = [&] {
        first.reset();
        third.reset();
      };
      wheel.advance(at(50));
      CHECK(fired == std::vector{1, 2, 4});
    }
    SUBCASE("cancel another that is due") {
      first->action = [&] { second->deadline.cancel(); };
      wheel.advance(at(50));
      CHECK(fired == std::vector{1, 3, 4});
    }
    SUBCASE("set itself anew, and another that is due to later") {
      first->action = [&] {
        first->deadline.set(wheel, at(60));
        second->deadline.set(wheel, at(70));
      };
      wheel.advance(at(50));
      CHECK(fired == std::vector{1, 3, 4});
      wheel.advance(at(65));
      CHECK(fired == std::vector{1, 3, 4, 1});
      wheel.advance(at(70));
      CHECK(fired == std::vector{1, 3, 4, 1, 2});
    }
    SUBCASE("set itself to the present: it waits for the next advance") {
      first->action = [&] { first->deadline.set(wheel, at(50)); };
      wheel.advance(at(50));
      CHECK(fired == std::vector{1, 2, 3, 4});
      CHECK(wheel.next_due() == at(51));
    }
  }

  TEST_CASE("a destroyed wheel leaves deadlines that are not set") {
    std::vector<int> fired;
    Alarm alarm(fired, 1);
    {
      TimerWheel wheel;
      alarm.deadline.set(wheel, at(10));
    }
    CHECK_FALSE(alarm.deadline.is_set());
  }

  TEST_CASE("agrees with a sorted list over random operations") {
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
      CAPTURE(seed);
      std::mt19937_64 random(seed);
      const auto below = [&](std::int64_t bound) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
      };
      constexpr int count = 60;
      std::int64_t now = below(1'000'000);
      TimerWheel wheel(at(now));
      std::vector<int> fired;
      std::vector<std::unique_ptr<Alarm>> alarms;
      for (int i = 0; i < count; ++i)
        alarms.push_back(std::make_unique<Alarm>(fired, i));
      std::map<int, std::int64_t> model;  // what is set, and to when

      for (int step = 0; step < 4000; ++step) {
        const int id = static_cast<int>(below(count));
        const std::int64_t when = now + 1 + below(std::int64_t{1} << below(34));
        switch (below(8)) {
          case 0:
            alarms[id]->deadline.cancel();
            model.erase(id);
            break;
          case 1:
            alarms[id] = std::make_unique<Alarm>(fired, id);
            model.erase(id);
            break;
          case 2: now += below(std::int64_t{1} << below(32)); break;
          case 3: now += below(100); break;
          default: alarms[id]->deadline.set(wheel, at(when)); model[id] = when;
        }
        fired.clear();
        wheel.advance(at(now));
        std::int64_t last = 0;
        for (const int done : fired) {
          REQUIRE(model.count(done) == 1);
          REQUIRE(model[done] <= now);
          REQUIRE(model[done] >= last);
          last = model[done];
          model.erase(done);
        }
        std::int64_t next = INT64_MAX;
        for (const auto& [other, time] : model) {
          REQUIRE(time > now);  // nothing is forgotten
          REQUIRE(alarms[other]->deadline.is_set());
          next = std::min(next, time);
        }
        const auto due = wheel.next_due();
        if (!model.empty()) REQUIRE(due);
        if (due) REQUIRE(*due > at(now));
        if (!model.empty()) REQUIRE(*due <= at(next));
      }
    }
  }
}
