// What the application wants to run later, on one Worker.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "banter/function.h"
#include "loop/loop.h"
#include "socketio/user_code.h"

namespace banter::server {

// The longest time anything of the application's is put off: what goes beyond is cut, so that sums of times
// cannot overflow.
inline constexpr loop::Milliseconds longest_delay = std::chrono::hours{24 * 365};

[[nodiscard]] constexpr loop::Milliseconds bounded(loop::Milliseconds delay) noexcept {
  return std::clamp(delay, loop::Milliseconds{0}, longest_delay);
}

class Timers {
 public:
  Timers(loop::Loop& loop, socketio::ProblemSink& problems) : loop_(loop), problems_(problems) {}

  // `id` is one that no other timer of the process has.
  void add(std::uint64_t id, loop::TimePoint when, Function<void()> task);
  void cancel(std::uint64_t id) { pending_.erase(id); }
  void cancel_all() { pending_.clear(); }

 private:
  struct Pending {
    Pending(Timers& owner, std::uint64_t key, Function<void()> function)
        : timers(owner), id(key), task(std::move(function)) {}
    void on_deadline() { timers.run(id); }

    Timers& timers;
    std::uint64_t id;
    Function<void()> task;
    loop::Deadline deadline{*this, loop::Deadline::Calls<&Pending::on_deadline>{}};
  };

  void run(std::uint64_t id);

  loop::Loop& loop_;
  socketio::ProblemSink& problems_;
  std::unordered_map<std::uint64_t, Pending> pending_;
};

}  // namespace banter::server
