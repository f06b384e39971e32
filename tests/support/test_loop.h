// A Loop on a uv loop that the test turns itself.
#pragma once

#include <doctest/doctest.h>
#include <uv.h>

#include <chrono>
#include <optional>

#include "loop/loop.h"

namespace banter::test {

class TestLoop {
 public:
  TestLoop() {
    REQUIRE(uv_loop_init(&uv_) == 0);
    loop_.emplace(&uv_);
  }
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;

  // Everything on the loop must be closing by now; not one handle may be left.
  ~TestLoop() {
    bool is_done = false;
    loop_->close([&is_done] { is_done = true; });
    CHECK(run_until([&] { return is_done; }));
    loop_.reset();
    uv_run(&uv_, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv_) == 0);
  }

  [[nodiscard]] loop::Loop& get() { return *loop_; }

  // What is ready now; does not wait.
  void turn() { uv_run(&uv_, UV_RUN_NOWAIT); }

  // False if `condition` has not come true within a time that no working test needs.
  template <class Condition>
  [[nodiscard]] bool run_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      turn();
    }
    return true;
  }

 private:
  uv_loop_t uv_{};
  std::optional<loop::Loop> loop_;
};

}  // namespace banter::test
