// So many a second, and as many at once as were saved up.
#pragma once

#include <algorithm>
#include <chrono>

#include "loop/time.h"
#include "socketio/settings.h"

namespace banter::socketio {

class TokenBucket {
 public:
  // Full.
  TokenBucket(const EventRate& rate, loop::TimePoint now) noexcept
      : rate_(rate), tokens_(rate.burst), filled_(now) {}

  // False if there is none left.
  [[nodiscard]] bool take(loop::TimePoint now) noexcept {
    const std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min(rate_.burst, tokens_ + passed.count() * rate_.per_second);
    filled_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  const EventRate& rate_;
  double tokens_;
  loop::TimePoint filled_;
};

}  // namespace banter::socketio
