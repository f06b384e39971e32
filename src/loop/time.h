// Time on a loop: monotonic milliseconds, as libuv keeps them. Code that needs the time is given it.
#pragma once

#include <chrono>
#include <cstdint>

namespace banter::loop {

using Milliseconds = std::chrono::milliseconds;

struct LoopClock {
  using duration = Milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<LoopClock>;
  static constexpr bool is_steady = true;
};

using TimePoint = LoopClock::time_point;

}  // namespace banter::loop
