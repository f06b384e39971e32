#include "loop/loop.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "support.h"

using namespace banter::loop;
using namespace banter::loop::test;
using namespace std::chrono_literals;

namespace {

// Writes down when it is destroyed.
struct Note final : Retired {
  Note(std::vector<std::string>& in, std::string with) : list(in), text(std::move(with)) {}
  ~Note() override { list.push_back(text); }
  std::vector<std::string>& list;
  std::string text;
};

struct Timer {
  explicit Timer(banter::Function<void()> then) : action(std::move(then)) {}
  void on_deadline() { action(); }
  banter::Function<void()> action;
  Deadline deadline{*this, Deadline::Calls<&Timer::on_deadline>{}};
};

struct Stalls final : StallListener {
  void on_stall(Milliseconds length) override { lengths.push_back(length); }
  std::vector<Milliseconds> lengths;
};

void close_and_run(Loop& loop) {
  bool is_closed = false;
  loop.close([&] { is_closed = true; });
  while (!is_closed)
    uv_run(loop.uv(), UV_RUN_ONCE);
}

// What blocks a thread: here, the test's.
void block_for(Milliseconds length) {
  const std::uint64_t end = uv_hrtime() + static_cast<std::uint64_t>(length.count()) * 1'000'000;
  while (uv_hrtime() < end) {
  }
}

}  // namespace

TEST_SUITE("loop") {
  TEST_CASE("tasks posted before the first turn run first and in order") {
    Loop loop;
    std::vector<std::string> list;
    CHECK_FALSE(loop.port().is_here());
    for (const char* name : {"one", "two", "three"})
      CHECK(loop.port().post([&list, name] { list.emplace_back(name); }));
    Timer timer([&] {
      CHECK(loop.port().is_here());
      CHECK(list.size() == 3);
      loop.close([&] { list.emplace_back("closed"); });
    });
    timer.deadline.set(loop.wheel(), loop.now() + 1ms);
    loop.run();
    CHECK(list == std::vector<std::string>{"one", "two", "three", "closed"});
    CHECK_FALSE(loop.port().is_here());
  }

  TEST_CASE("a deadline fires at its time, also a nearer one set later and one set before the first turn") {
    Loop loop;
    std::vector<std::string> list;
    const TimePoint begin = loop.now();
    Timer near([&] {
      CHECK(loop.now() >= begin + 5ms);
      list.emplace_back("near");
    });
    Timer far([&] {
      CHECK(loop.now() >= begin + 30ms);
      list.emplace_back("far");
      loop.close([] {});
    });
    far.deadline.set(loop.wheel(), begin + 30ms);
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    near.deadline.set(loop.wheel(), begin + 5ms);
    loop.run();
    CHECK(list == std::vector<std::string>{"near", "far"});
  }

  TEST_CASE("retired objects are destroyed at the end of the turn, not by a flush inside it") {
    Loop loop;
    std::vector<std::string> list;
    loop.port().post([&] {
      loop.retire(std::make_unique<Note>(list, "retired"));
      loop.flush();
      list.emplace_back("end of task");
    });
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    CHECK(list == std::vector<std::string>{"end of task", "retired"});
    close_and_run(loop);
  }

  TEST_CASE("keeps an object until it is released, or the loop closes") {
    Loop loop;
    std::vector<std::string> list;
    auto released = std::make_unique<Note>(list, "released");
    Note& first = *released;
    loop.keep(std::move(released));
    loop.keep(std::make_unique<Note>(list, "kept"));
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    CHECK(list.empty());
    loop.release(first);
    CHECK(list.empty());
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    CHECK(list == std::vector<std::string>{"released"});
    close_and_run(loop);
    CHECK(list == std::vector<std::string>{"released", "kept"});
  }

  TEST_CASE("reports that it was kept from turning, and only then") {
    Loop loop;
    Stalls stalls;
    loop.set_stall_listener(&stalls, 40ms);
    Timer timer([] {});
    timer.deadline.set(loop.wheel(), loop.now() + 2ms);
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    SUBCASE("blocked by a callback") {
      loop.port().post([] { block_for(60ms); });
      while (stalls.lengths.empty())
        uv_run(loop.uv(), UV_RUN_NOWAIT);
      CHECK(stalls.lengths[0] >= 40ms);
    }
    SUBCASE("a long time without any deadline is no stall") {
      timer.deadline.cancel();
      while (loop.wheel().next_due())
        uv_run(loop.uv(), UV_RUN_ONCE);
      const TimePoint later = loop.now() + 200ms;
      // Just before the end of a slot of the wheel's second level, which begins long ago.
      while (loop.now() < later || loop.now().time_since_epoch().count() % 64 != 62)
        uv_run(loop.uv(), UV_RUN_NOWAIT);
      timer.deadline.set(loop.wheel(), loop.now() + 1ms);
      while (timer.deadline.is_set())
        uv_run(loop.uv(), UV_RUN_ONCE);
      CHECK(stalls.lengths.empty());
    }
    close_and_run(loop);
  }

  TEST_CASE(
      "close waits for streams and listeners that are open, and works from a task and from a callback") {
    Harness harness;
    Loop loop;
    std::vector<std::string> list;
    std::deque<StreamPtr> streams;
    struct Acceptor final : AcceptHandler {
      explicit Acceptor(std::deque<StreamPtr>& to) : streams(to) {}
      void on_accept(StreamPtr stream) override { streams.push_back(std::move(stream)); }
      std::deque<StreamPtr>& streams;
    } acceptor{streams};
    std::optional<Listener> listener;
    listener.emplace(loop, acceptor, harness.settings, "127.0.0.1", std::uint16_t{0});
    Peer peer(listener->bound().port);
    while (streams.empty())
      uv_run(loop.uv(), UV_RUN_NOWAIT);

    const auto close = [&] { loop.close([&] { list.emplace_back("closed"); }); };
    loop.port().post([&] { list.emplace_back("task before"); });
    SUBCASE("from outside") {
      close();
    }
    SUBCASE("from a task, with more tasks behind it") {
      loop.port().post(close);
      loop.port().post([&] { list.emplace_back("task behind"); });
    }
    SUBCASE("from a fired deadline") {
      Timer timer(close);
      timer.deadline.set(loop.wheel(), loop.now());
      while (timer.deadline.is_set())
        uv_run(loop.uv(), UV_RUN_NOWAIT);
    }
    for (int i = 0; i < 5; ++i)
      uv_run(loop.uv(), UV_RUN_NOWAIT);
    CHECK_FALSE(loop.port().post([] {}));
    CHECK_FALSE(list.empty());
    CHECK(list.back() != "closed");
    streams.clear();
    for (int i = 0; i < 5; ++i)
      uv_run(loop.uv(), UV_RUN_NOWAIT);
    CHECK(list.back() != "closed");
    listener.reset();
    loop.run();
    CHECK(list.back() == "closed");
    CHECK(list.front() == "task before");
  }

  TEST_CASE("what runs is not destroyed when a retired object's own callback closes the loop") {
    Loop loop;
    std::vector<std::string> list;
    loop.port().post([&] {
      loop.retire(std::make_unique<Note>(list, "retired"));
      loop.keep(std::make_unique<Note>(list, "kept"));
      loop.close([&] { list.emplace_back("closed"); });
      list.emplace_back("end of task");
    });
    loop.run();
    CHECK(list == std::vector<std::string>{"end of task", "retired", "kept", "closed"});
  }

  TEST_CASE("leaves a foreign uv loop without handles, whatever state it was in") {
    uv_loop_t foreign;
    REQUIRE(uv_loop_init(&foreign) == 0);
    SUBCASE("never turned") {
      const Loop loop(&foreign);
    }
    SUBCASE("closed before the first turn") {
      Loop loop(&foreign);
      close_and_run(loop);
    }
    SUBCASE("destroyed in its done, with a deadline still set") {
      auto loop = std::make_unique<Loop>(&foreign);
      Timer timer([] {});
      timer.deadline.set(loop->wheel(), loop->now() + 1h);
      loop->port().post([&] { loop->close([&] { loop.reset(); }); });
      uv_run(&foreign, UV_RUN_DEFAULT);
      CHECK_FALSE(loop);
      CHECK_FALSE(timer.deadline.is_set());
    }
    SUBCASE("with connections") {
      Harness harness({}, &foreign);
      Peer peer(harness.port());
      const auto recorder = harness.accept();
      recorder->stream->write(std::string(1'000'000, 'x'));
      harness.run_turns(2);
    }
    uv_run(&foreign, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&foreign) == 0);
  }

  TEST_CASE("a flush inside a flush changes nothing for the streams in it") {
    Harness harness({.high_water = 10, .max_queue = 1000});
    Peer first_peer(harness.port());
    const auto first = harness.accept();
    Peer second_peer(harness.port());
    const auto second = harness.accept();
    first->when_drain = [&] {
      second->stream->write("one ");
      harness.loop.flush();
      second->stream->write("two ");
    };
    first->stream->write(std::string(100, 'x'));
    harness.run_until([&] {
      second_peer.read();
      return second_peer.received == "one two ";
    });
    second->stream->write("three");
    harness.run_until([&] {
      second_peer.read();
      return second_peer.received == "one two three";
    });
  }
}
