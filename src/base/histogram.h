// Durations that their one owner counts and anybody may read.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "banter/metrics.h"
#include "base/counter.h"

namespace banter::base {

// One writer, as a Counter has it: a few plain loads and stores, neither lock nor allocation.
class Histogram {
 public:
  // Less than nothing counts as nothing.
  void add(std::chrono::milliseconds duration) noexcept {
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
    counts_[bucket_of(count)].add();
    sum_.add(count);
  }

  // Adds what was counted to `out`.
  void add_to(Durations& out) const noexcept {
    for (std::size_t i = 0; i < Durations::buckets; ++i)
      out.counts[i] += counts_[i].value();
    out.sum += std::chrono::milliseconds{static_cast<std::int64_t>(sum_.value())};
  }

 private:
  // The bounds are powers of two.
  static std::size_t bucket_of(std::uint64_t milliseconds) noexcept {
    const std::uint64_t below = milliseconds == 0 ? 0 : milliseconds - 1;
    return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(below)), Durations::buckets - 1);
  }

  std::array<Counter, Durations::buckets> counts_;
  Counter sum_;
};

}  // namespace banter::base
