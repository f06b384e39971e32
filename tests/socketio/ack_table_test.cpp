#include "socketio/ack_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace banter::socketio {
namespace {

using loop::Milliseconds;
using loop::TimePoint;

struct Runner final : AckRunner {
  void run_ack(detail::AckCallback& callback, detail::AckAnswer& answer) override { callback(answer); }
};

struct Fixture {
  // Notes what the callback hears under `name`.
  detail::AckCallback noting(std::string name) {
    return [this, name](detail::AckAnswer& answer) {
      heard.push_back(name + ": " +
                      (answer.error ? answer.error.message() : std::string(answer.args.raw(0))));
    };
  }
  void add(std::uint64_t id, std::string name, Milliseconds timeout = Milliseconds{100}) {
    table.add(id, noting(std::move(name)), wheel, now, now + timeout);
  }
  bool answer(std::uint64_t id, std::string_view value = "1") {
    return table.answer(id, Args(std::span(&value, 1))).has_value();
  }
  void pass(Milliseconds time) { wheel.advance(now += time); }

  Runner runner;
  TimePoint now{Milliseconds{1000}};
  loop::TimerWheel wheel{now};
  AckTable table{runner};
  std::vector<std::string> heard;
};

const std::string timed_out = make_error_code(AckError::timeout).message();
const std::string disconnected = make_error_code(AckError::disconnected).message();

}  // namespace

TEST_SUITE("ack table") {
  TEST_CASE_FIXTURE(Fixture, "an answer completes its callback, once") {
    add(7, "a");
    CHECK(answer(7, "42"));
    CHECK_FALSE(answer(7, "43"));
    pass(Milliseconds{1000});
    CHECK(heard == std::vector<std::string>{"a: 42"});
  }

  TEST_CASE_FIXTURE(Fixture, "an answer tells when its question was sent") {
    const TimePoint sent = now;
    add(7, "a");
    pass(Milliseconds{30});
    CHECK(table.answer(7, Args{}) == sent);
    CHECK(table.answer(7, Args{}) == std::nullopt);
  }

  TEST_CASE_FIXTURE(Fixture, "an id that nobody waits for is not an answer") {
    add(7, "a");
    for (const std::uint64_t forged : {std::uint64_t{0}, std::uint64_t{6}, std::uint64_t{8}, UINT64_MAX}) {
      CHECK_FALSE(answer(forged));
    }
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "times out at its deadline and not before; the answer is late then") {
    add(1, "a", Milliseconds{100});
    add(2, "b", Milliseconds{200});
    pass(Milliseconds{99});
    CHECK(heard.empty());
    pass(Milliseconds{1});
    CHECK(heard == std::vector<std::string>{"a: " + timed_out});
    CHECK_FALSE(answer(1));
    pass(Milliseconds{100});
    CHECK(heard.back() == "b: " + timed_out);
  }

  TEST_CASE_FIXTURE(Fixture, "fails all that are waiting, each once") {
    add(1, "a");
    add(2, "b");
    table.fail_all(make_error_code(AckError::disconnected));
    pass(Milliseconds{1000});
    std::sort(heard.begin(), heard.end());
    CHECK(heard == std::vector<std::string>{"a: " + disconnected, "b: " + disconnected});
  }

  TEST_CASE_FIXTURE(Fixture, "a callback may add another, answer others, and fail all") {
    table.add(
        1,
        [this](detail::AckAnswer&) {
          heard.push_back("first");
          add(4, "added");
          CHECK(answer(2));
          CHECK_FALSE(answer(1));
          table.fail_all(make_error_code(AckError::disconnected));
        },
        wheel, now, now + Milliseconds{100});
    add(2, "answered");
    add(3, "failed");
    CHECK(answer(1));
    REQUIRE(heard.size() == 4);
    CHECK(heard[0] == "first");
    CHECK(heard[1] == "answered: 1");
    pass(Milliseconds{1000});
    CHECK(heard.size() == 4);
  }

  TEST_CASE_FIXTURE(Fixture, "a callback may run into its own deadline's table again") {
    table.add(
        1,
        [this](detail::AckAnswer&) {
          heard.push_back("first");
          add(1, "the same id again", Milliseconds{50});
        },
        wheel, now, now + Milliseconds{100});
    pass(Milliseconds{100});
    pass(Milliseconds{50});
    CHECK(heard == std::vector<std::string>{"first", "the same id again: " + timed_out});
  }

  TEST_CASE("callbacks that are left when the table goes are destroyed uncalled") {
    auto alive = std::make_shared<int>(0);
    loop::TimerWheel wheel;
    Runner runner;
    {
      AckTable table(runner);
      table.add(
          1, [alive](detail::AckAnswer&) { ++*alive; }, wheel, TimePoint{}, TimePoint{Milliseconds{10}});
      CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
    wheel.advance(TimePoint{Milliseconds{20}});
    CHECK(*alive == 0);
  }
}

}  // namespace banter::socketio
