// A number that its one owner raises and anybody may read.
#pragma once

#include <atomic>
#include <cstdint>

namespace banter::base {

// One writer (a Worker's thread), so raising it is a plain load and store; any thread reads.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) noexcept { add(0 - amount); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace banter::base
