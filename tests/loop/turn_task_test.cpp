#include "loop/turn_task.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "banter/function.h"
#include "loop/loop.h"
#include "tests/support/test_loop.h"

namespace banter::loop {
namespace {

using Log = std::vector<std::string>;

// Writes down its calls; `then` is done in each.
struct Worker {
  Worker(test::TestLoop& on, Log& to, std::string its_name)
      : task(on.get(), *this, TurnTask::Calls<&Worker::run>{}), log(to), name(std::move(its_name)) {}
  void run() {
    log.push_back(name);
    if (then) then();
  }

  TurnTask task;
  Log& log;
  std::string name;
  Function<void()> then;
};

}  // namespace

TEST_SUITE("turn task") {
  TEST_CASE("runs once at the end of the turn, however often it was scheduled, and not again") {
    test::TestLoop loop;
    Log log;
    Worker a(loop, log, "a"), b(loop, log, "b");
    b.task.schedule();
    a.task.schedule();
    b.task.schedule();
    CHECK(log.empty());
    loop.turn();
    CHECK(log == Log{"b", "a"});
    loop.turn();
    CHECK(log.size() == 2);
    a.task.schedule();
    loop.turn();
    CHECK(log == Log{"b", "a", "a"});
  }

  TEST_CASE("one that was called off, or destroyed, does not run") {
    test::TestLoop loop;
    Log log;
    Worker a(loop, log, "a"), b(loop, log, "b");
    auto c = std::make_unique<Worker>(loop, log, "c");
    c->task.schedule();
    a.task.schedule();
    b.task.schedule();
    a.task.cancel();
    a.task.cancel();
    c.reset();
    loop.turn();
    CHECK(log == Log{"b"});
    a.task.schedule();
    loop.turn();
    CHECK(log == Log{"b", "a"});
  }

  TEST_CASE("may be called off and scheduled again in the same turn") {
    test::TestLoop loop;
    Log log;
    Worker a(loop, log, "a"), b(loop, log, "b");
    a.task.schedule();
    b.task.schedule();
    a.task.cancel();
    a.task.schedule();
    loop.turn();
    CHECK(log == Log{"b", "a"});
  }

  TEST_CASE("may schedule itself or another, call another off, or destroy its owner, while it runs") {
    test::TestLoop loop;
    Log log;
    auto a = std::make_unique<Worker>(loop, log, "a");
    Worker b(loop, log, "b"), c(loop, log, "c"), d(loop, log, "d");
    int again = 2;
    a->then = [&] {
      c.task.cancel();
      d.task.schedule();
      a.reset();
    };
    b.then = [&] {
      if (again-- > 0) b.task.schedule();
    };
    a->task.schedule();
    b.task.schedule();
    c.task.schedule();
    loop.get().flush();
    CHECK(log == Log{"a", "b", "d", "b", "b"});
  }

  TEST_CASE("runs behind what was deferred, and before what it defers itself") {
    test::TestLoop loop;
    Log log;
    Worker a(loop, log, "a");
    a.then = [&] { loop.get().defer([&] { log.emplace_back("late"); }); };
    a.task.schedule();
    loop.get().defer([&] { log.emplace_back("deferred"); });
    loop.get().flush();
    CHECK(log == Log{"deferred", "a", "late"});
  }
}

}  // namespace banter::loop
