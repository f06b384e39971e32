// What holds of every Task, wherever it is awaited. The server only starts the outermost one.
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/server/coroutine_fixture.h"

namespace banter::test {

namespace {

using Log = std::vector<std::string>;

// Runs `body` in a server that has no need of clients: as the handler of the first client that joins.
template <class Body>
Log run_and_log(Body body) {
  Log log;
  TestServer server;
  bool has_ended = false;
  server->on("connection", [&](Socket) -> Task<> {
    try {
      co_await body(log);
    } catch (const std::exception& error) {
      log.push_back(std::string("threw ") + error.what());
    }
    has_ended = true;
  });
  SocketioClient client = server.join();
  server.run_until([&] { return has_ended; });
  return log;
}

Task<int> number(int value) {
  co_return value;
}

Task<std::string> text(Backlog& backlog, std::string value) {
  co_await backlog.wait();
  co_return value + "!";
}

Task<> failing() {
  throw std::runtime_error("inside");
  co_return;
}

// Neither copied nor given a default.
struct Own {
  explicit Own(int number) : value(std::make_unique<int>(number)) {}
  std::unique_ptr<int> value;
};

Task<Own> own(int value) {
  co_return Own(value);
}

struct Pair {
  std::string first;
  std::string second;
};

Task<std::string> joined(Pair pair) {
  co_return pair.first + pair.second;
}

Task<std::string> by_reference(const std::string& value, Backlog* backlog) {
  if (backlog) co_await backlog->wait();
  co_return value;
}

}  // namespace

TEST_SUITE("task") {
  TEST_CASE("begins when it is awaited, not when it is made") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      const auto helper = [](Log& lines) -> Task<> {
        lines.push_back("helper");
        co_return;
      };
      auto task = helper(out);
      out.push_back("made");
      co_await std::move(task);
      out.push_back("awaited");
    });
    CHECK(log == Log{"made", "helper", "awaited"});
  }

  TEST_CASE("gives its value, also one that only moves") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      out.push_back(std::to_string(co_await number(5) + co_await number(6)));
      const Own mine = co_await own(7);
      out.push_back(std::to_string(*mine.value));
    });
    CHECK(log == Log{"11", "7"});
  }

  TEST_CASE("throws, where it is awaited, what it threw") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      try {
        co_await failing();
      } catch (const std::runtime_error& error) {
        out.push_back(error.what());
      }
      co_await failing();
      out.push_back("not reached");
    });
    CHECK(log == Log{"inside", "threw inside"});
  }

  TEST_CASE("is awaited once: again, or after it was moved away, it throws") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      Task<int> task = number(1);
      const int first = co_await std::move(task);
      out.push_back(std::to_string(first));
      try {
        co_await std::move(task);
      } catch (const std::logic_error&) {
        out.push_back("again");
      }
      Task<int> other = number(2);
      const Task<int> taken = std::move(other);
      co_await std::move(other);
    });
    CHECK(log == Log{"1", "again", "threw banter: a Task is awaited once"});
  }

  TEST_CASE("that is never awaited never begins, and leaves nothing behind") {
    int live = 0;
    {
      const auto helper = [](Live) -> Task<> { co_return; };
      const Task<> task = helper(Live(live));
      CHECK(live == 1);
    }
    CHECK(live == 0);
  }

  // Without tail calls, as in builds without optimisation, this would take 200,000 frames of the stack.
  TEST_CASE("a loop may await any number of tasks that are ready, on any stack") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      long sum = 0;
      for (int i = 0; i < 200'000; ++i)
        sum += co_await number(1);
      out.push_back(std::to_string(sum));
    });
    CHECK(log == Log{"200000"});
  }

  TEST_CASE("tasks that wait, in tasks that wait, go on in their order") {
    Backlog backlog;
    Log log;
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> {
      for (int i = 0; i < 3; ++i)
        log.push_back(co_await text(backlog, std::to_string(i)));
      log.push_back("end");
    });
    SocketioClient client = server.join();
    for (int i = 0; i < 3; ++i) {
      REQUIRE(backlog.size() == 1);
      CHECK(log.size() == static_cast<std::size_t>(i));
      backlog.finish_all();
    }
    CHECK(log == Log{"0!", "1!", "2!", "end"});
  }
}

// What g++ 12 gets right; coroutine.h tells what it does not.
TEST_SUITE("task: temporaries in an expression with co_await") {
  TEST_CASE("live until the end of the expression, once") {
    Backlog backlog;
    int live = 0;
    std::string heard;
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> {
      const auto keep = [](Backlog& work, Live, std::string value) -> Task<std::string> {
        co_await work.wait();
        co_return value;
      };
      heard = co_await keep(backlog, Live(live), std::string(100, 'x'));
      heard += std::to_string(live);
    });
    SocketioClient client = server.join();
    CHECK(live >= 1);
    backlog.finish_all();
    CHECK(heard == std::string(100, 'x') + "0");
    CHECK(live == 0);
  }

  TEST_CASE("may be referred to by the task that is awaited") {
    Backlog backlog;
    std::string heard;
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> {
      heard = co_await by_reference(std::string(100, 'a') + "b", &backlog);
    });
    SocketioClient client = server.join();
    backlog.finish_all();
    CHECK(heard == std::string(100, 'a') + "b");
  }

  TEST_CASE("an aggregate that has a name may be moved into a task, and a lambda that has one may be one") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      Pair pair{.first = std::string(50, 'f'), .second = std::string(50, 's')};
      const auto helper = [last = pair](Pair first) -> Task<std::string> {
        first.second = last.second;
        co_return co_await joined(std::move(first));
      };
      out.push_back(co_await helper(std::move(pair)));
    });
    CHECK(log == Log{std::string(50, 'f') + std::string(50, 's')});
  }

  TEST_CASE("a task may be awaited in a condition, a range and an argument") {
    const Log log = run_and_log([](Log& out) -> Task<> {
      if (co_await number(1) == 1) out.push_back("if");
      const auto list = [](int size) -> Task<std::vector<int>> { co_return std::vector<int>(size, 4); };
      const std::vector<int> values = co_await list(2);
      for (const int value : values)
        out.push_back(std::to_string(value));
      out.push_back(std::string(static_cast<std::size_t>(co_await number(3)), 'z'));
    });
    CHECK(log == Log{"if", "4", "4", "zzz"});
  }
}

}  // namespace banter::test
