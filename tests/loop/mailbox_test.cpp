#include "loop/mailbox.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "loop/loop.h"

using banter::Port;
using banter::loop::Loop;

namespace {

Port* make_port() {
  return new Port([](void*) {}, nullptr);
}

}  // namespace

TEST_SUITE("mailbox") {
  TEST_CASE("eight threads post: nothing is lost, and each thread's tasks stay in order") {
    constexpr int threads = 8;
    constexpr int each = 20'000;
    Loop loop;
    Port& port = loop.port();
    std::vector<int> next(threads, 0);  // on the loop's thread only
    int done = 0;
    bool is_in_order = true;
    bool is_closed = false;
    const auto finish_one = [&] {
      if (++done == threads) loop.close([&] { is_closed = true; });
    };
    const auto post_all = [&](int thread) {
      for (int i = 0; i < each; ++i) {
        const bool taken = port.post([&, thread, i] {
          is_in_order = is_in_order && next[static_cast<std::size_t>(thread)] == i && port.is_here();
          ++next[static_cast<std::size_t>(thread)];
        });
        if (!taken) return;
      }
      port.post(finish_one);
    };
    // The loop recognises its thread in its first turn: before that tasks could not say `is_here`.
    std::vector<std::thread> posters;
    port.post([&] {
      port.post([&] {
        for (int thread = 0; thread < threads; ++thread)
          posters.emplace_back(post_all, thread);
      });
    });
    loop.run();
    for (std::thread& poster : posters)
      poster.join();
    CHECK(is_closed);
    CHECK(is_in_order);
    CHECK(next == std::vector<int>(threads, each));
  }

  TEST_CASE("while a loop closes, a post is either run or refused, and its task always destroyed") {
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> accepted{0};
      std::atomic<int> ran{0};
      const auto alive = std::make_shared<int>(0);
      Port* port = nullptr;
      std::vector<std::thread> posters;
      {
        Loop loop;
        port = &loop.port();
        port->retain();
        for (int thread = 0; thread < 4; ++thread) {
          posters.emplace_back([&, alive] {
            while (port->post([&ran, alive] { ++ran; }))
              ++accepted;
          });
        }
        loop.port().post([&] { loop.close([] {}); });
        loop.run();
      }
      for (std::thread& poster : posters)
        poster.join();
      posters.clear();
      CHECK(accepted.load() == ran.load());
      CHECK(alive.use_count() == 1);
      port->release();
    }
  }

  TEST_CASE("a Port knows its loop's thread, and only after the first turn") {
    Loop loop;
    Port& port = loop.port();
    CHECK_FALSE(port.is_here());
    std::optional<bool> in_first_task;
    bool in_later_task = false;
    bool on_other_thread = true;
    port.post([&] {
      in_first_task = port.is_here();
      port.post([&] {
        in_later_task = port.is_here();
        std::thread([&] { on_other_thread = port.is_here(); }).join();
        loop.close([] {});
      });
    });
    loop.run();
    CHECK(in_first_task == false);
    CHECK(in_later_task);
    CHECK_FALSE(on_other_thread);
    CHECK_FALSE(port.is_here());
  }

  TEST_CASE("a closed Port refuses and destroys tasks, and can still be drained once") {
    Port* port = make_port();
    std::vector<int> ran;
    CHECK(port->post([&] { ran.push_back(1); }));
    port->close();
    const auto alive = std::make_shared<int>(0);
    CHECK_FALSE(port->post([alive] {}));
    CHECK(alive.use_count() == 1);
    CHECK_FALSE(port->is_open());
    port->drain();
    CHECK(ran == std::vector{1});
    CHECK_FALSE(port->is_here());
    port->release();
  }

  TEST_CASE("a task that drains runs what was posted before later posts") {
    Port* port = make_port();
    std::vector<int> ran;
    port->post([&] {
      ran.push_back(1);
      port->post([&] { ran.push_back(3); });
      port->drain();
      ran.push_back(4);
    });
    port->post([&] { ran.push_back(2); });
    port->drain();
    CHECK(ran == std::vector{1, 2, 3, 4});
    port->release();
  }

  TEST_CASE("wakes its loop once for many posts") {
    int woken = 0;
    Port* port = new Port([](void* count) { ++*static_cast<int*>(count); }, &woken);
    port->post([] {});
    port->post([] {});
    CHECK(woken == 1);
    port->drain();
    port->post([] {});
    CHECK(woken == 2);
    port->close();
    port->release();
  }

  TEST_CASE("tasks left behind when a loop goes before its first turn do not keep its Port alive") {
    const auto alive = std::make_shared<int>(0);
    {
      Loop loop;
      Port& port = loop.port();
      port.retain();
      const std::shared_ptr<Port> held(&port, [](Port* one) { one->release(); });
      loop.port().post([held, alive] {});
    }
    CHECK(alive.use_count() == 1);
  }
}
