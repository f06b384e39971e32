// How long the application may put something off.
#pragma once

#include <algorithm>
#include <chrono>

#include "loop/time.h"

namespace banter::server {

// The longest time anything of the application's is put off: what goes beyond is cut, so that sums of times
// cannot overflow.
inline constexpr loop::Milliseconds longest_delay = std::chrono::hours{24 * 365};

[[nodiscard]] constexpr loop::Milliseconds bounded(loop::Milliseconds delay) noexcept {
  return std::clamp(delay, loop::Milliseconds{0}, longest_delay);
}

}  // namespace banter::server
