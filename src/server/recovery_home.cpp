#include "server/recovery_home.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "base/random.h"
#include "loop/loop.h"

namespace banter::server {

namespace {

constexpr loop::Milliseconds longest_period = std::chrono::seconds{60};
constexpr std::size_t epoch_size = 6;  // as every event carries it: offsets of another run are no good here

std::string make_epoch() {
  const auto id = base::random_id();
  if (!id) throw std::runtime_error("banter: recovery: no random bytes for the log");
  return id->substr(0, epoch_size);
}

loop::TimePoint steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return loop::TimePoint{std::chrono::duration_cast<loop::Milliseconds>(now)};
}

socketio::EventLogLimits limits_of(const RecoveryOptions& options) {
  return {.max_duration = options.max_duration,
          .max_entries = options.max_entries,
          .max_bytes = options.max_bytes,
          .max_sessions = options.max_sessions};
}

}  // namespace

RecoveryHome::RecoveryHome(const Options& options, base::Budget& budget)
    : period_(std::min(longest_period, options.recovery->max_duration)),
      log_(limits_of(*options.recovery), make_epoch(), steady_now, &budget),
      shared_{.log = log_,
              .live = live_,
              .skips_middlewares = options.recovery->skip_middlewares,
              .max_replay = options.max_queue / 2} {}  // base64 and what the connection handler sends fit too

void RecoveryHome::start(loop::Loop& loop) {
  if (loop_) return;
  loop_ = &loop;
  sweep_.set(loop.wheel(), loop.now() + period_);
}

void RecoveryHome::sweep() {
  constexpr loop::Milliseconds soon{1};  // others get their turn in between
  sweep_.set(loop_->wheel(), loop_->now() + (log_.prune() ? soon : period_));
}

}  // namespace banter::server
