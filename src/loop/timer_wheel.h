// Deadlines without a libuv timer each: a hierarchical wheel that one timer of the loop advances.
//
//   level 0: 64 slots of 1 ms    level 1: 64 of 64 ms    level 2: 64 of 4 s    … level 4: 64 of 4.6 h
//
// A node lies in the coarsest level that still tells it from now; when its slot comes up it moves to a finer
// one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "loop/time.h"

namespace banter::loop {

class TimerWheel;

struct TimerNode {
  TimerNode* next = nullptr;
  TimerNode* previous = nullptr;
};

// A point in time at which a method of its owner is called, once. Embedded in the owner; neither copied nor
// moved.
//
// Moving a deadline to a later time is a store: the node stays where it is and is linked anew when its slot
// comes up. Destroying a Deadline cancels it. All on the loop's thread.
class Deadline : private TimerNode {
 public:
  template <auto method>
  struct Calls {};

  // `Deadline deadline_{*this, Deadline::Calls<&Session::on_deadline>{}};`
  // The method may set, cancel or destroy this Deadline and any other.
  template <class Owner, auto method>
  Deadline(Owner& owner, Calls<method>) noexcept
      : owner_(&owner), fire_([](void* object) { (static_cast<Owner*>(object)->*method)(); }) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { cancel(); }

  // Fires when the loop's time has reached `when`, never earlier. Replaces an earlier setting.
  void set(TimerWheel& wheel, TimePoint when) noexcept;
  void cancel() noexcept;
  [[nodiscard]] bool is_set() const noexcept { return next != nullptr; }
  [[nodiscard]] TimePoint when() const noexcept { return when_; }

 private:
  friend class TimerWheel;

  TimePoint when_{};
  void* owner_;
  void (*fire_)(void*);
};

class TimerWheel {
 public:
  explicit TimerWheel(TimePoint now = {}) noexcept;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();  // unlinks what is still set

  // Fires every deadline up to `now`, in order of their milliseconds; also those that fired methods set to a
  // time up to `now`. Not to be called from a fired method.
  void advance(TimePoint now);

  // The next time at which advance() has something to do; may be earlier than the next deadline, never later.
  [[nodiscard]] std::optional<TimePoint> next_due() const noexcept;

 private:
  friend class Deadline;
  static constexpr unsigned levels = 5;
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned slots = 1U << slot_bits;

  void link(Deadline& deadline) noexcept;
  void step(std::uint64_t now);
  void take_due(unsigned level, std::uint64_t now, TimerNode& due) noexcept;
  [[nodiscard]] std::uint64_t next_due_in(unsigned level) const noexcept;

  std::uint64_t now_;
  std::array<std::uint64_t, levels> used_{};  // a bit per slot; may be set for a slot that has become empty
  std::array<std::array<TimerNode, slots>, levels> heads_;
};

}  // namespace banter::loop
