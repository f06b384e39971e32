// Finds peers that have vanished: a ping, then a pong within ping_timeout, then the next ping ping_interval
// later.
//
//   resting --ping_interval--> awaiting --pong--> resting
//                                 \--ping_timeout--> over
//
// While a pong is awaited the first other message restarts its deadline, once per ping: a busy peer is alive,
// but one that never answers is not. A deadline during which our own loop stood still is extended by as much:
// the pong may lie unread in the kernel.
#pragma once

#include <utility>

#include "engine/settings.h"
#include "loop/loop.h"
#include "loop/timer_wheel.h"

namespace banter::engine {

class HeartbeatOwner {
 public:
  virtual void send_ping() = 0;
  virtual void on_ping_timeout() = 0;  // may destroy the heartbeat

 protected:
  ~HeartbeatOwner() = default;
};

class Heartbeat {
 public:
  Heartbeat(loop::Loop& loop, const Settings& settings, HeartbeatOwner& owner) noexcept
      : loop_(loop), settings_(settings), owner_(owner) {}

  void start() { rest(); }
  void stop() noexcept { deadline_.cancel(); }

  // A pong that was not awaited changes nothing.
  void on_pong() {
    if (state_ != State::resting) rest();
  }
  void on_other_message() {
    if (state_ == State::awaiting) await(State::awaiting_extended);
  }

  // True if the pong has not come in time, and the loop has not got round to say so.
  [[nodiscard]] bool is_overdue() const noexcept {
    return state_ != State::resting && deadline_.is_set() && loop_.now() >= deadline_.when() &&
           loop_.stalled() == stalled_before_;
  }

 private:
  enum class State : std::uint8_t { resting, awaiting, awaiting_extended };

  void rest() { set(State::resting, settings_.ping_interval); }
  void await(State state) {
    stalled_before_ = loop_.stalled();
    set(state, settings_.ping_timeout);
  }
  void set(State state, loop::Milliseconds delay) {
    state_ = state;
    deadline_.set(loop_.wheel(), loop_.now() + delay);
  }
  void expire() {
    const loop::Milliseconds stalled = loop_.stalled() - std::exchange(stalled_before_, loop_.stalled());
    if (stalled.count() == 0) return owner_.on_ping_timeout();
    set(state_, stalled);
  }
  void on_deadline() {
    if (state_ != State::resting) return expire();
    await(State::awaiting);
    owner_.send_ping();
  }

  loop::Loop& loop_;
  const Settings& settings_;
  HeartbeatOwner& owner_;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Heartbeat::on_deadline>{}};
  loop::Milliseconds stalled_before_{};
  State state_ = State::resting;
};

}  // namespace banter::engine
