#include "loop/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace banter::loop {

namespace {

void make_empty(TimerNode& head) noexcept {
  head.next = head.previous = &head;
}

bool is_empty(const TimerNode& head) noexcept {
  return head.next == &head;
}

void insert_before(TimerNode& position, TimerNode& node) noexcept {
  node.next = &position;
  node.previous = position.previous;
  position.previous->next = &node;
  position.previous = &node;
}

void remove(TimerNode& node) noexcept {
  node.previous->next = node.next;
  node.next->previous = node.previous;
  node.next = node.previous = nullptr;
}

// Appends all nodes behind `from` to `to`; `from` is empty afterwards.
void splice(TimerNode& from, TimerNode& to) noexcept {
  if (is_empty(from)) return;
  from.next->previous = to.previous;
  to.previous->next = from.next;
  from.previous->next = &to;
  to.previous = from.previous;
  make_empty(from);
}

std::uint64_t ticks(TimePoint time) noexcept {
  return static_cast<std::uint64_t>(std::max<Milliseconds::rep>(time.time_since_epoch().count(), 0));
}

}  // namespace

void Deadline::set(TimerWheel& wheel, TimePoint when) noexcept {
  const bool stays = is_set() && when >= when_;
  when_ = when;
  if (stays) return;
  cancel();
  wheel.link(*this);
}

void Deadline::cancel() noexcept {
  if (is_set()) remove(*this);
}

TimerWheel::TimerWheel(TimePoint now) noexcept : now_(ticks(now)) {
  for (auto& level : heads_) {
    for (TimerNode& head : level)
      make_empty(head);
  }
}

TimerWheel::~TimerWheel() {
  for (auto& level : heads_) {
    for (TimerNode& head : level) {
      while (!is_empty(head))
        remove(*head.next);
    }
  }
}

void TimerWheel::link(Deadline& deadline) noexcept {
  constexpr std::uint64_t horizon = (std::uint64_t{1} << (levels * slot_bits)) - 1;
  const std::uint64_t wanted = std::max(ticks(deadline.when_), now_ + 1);
  const std::uint64_t delta = std::min(wanted - now_, horizon);
  const unsigned level = (static_cast<unsigned>(std::bit_width(delta)) - 1) / slot_bits;
  const auto slot = static_cast<unsigned>(((now_ + delta) >> (level * slot_bits)) % slots);
  insert_before(heads_[level][slot], deadline);
  used_[level] |= std::uint64_t{1} << slot;
}

// Halts wherever something is due: slots of a jump taken all at once would not be in order of their times.
void TimerWheel::advance(TimePoint time) {
  while (true) {
    const std::optional<TimePoint> due = next_due();
    if (!due || *due > time) break;
    step(ticks(*due));
  }
  now_ = std::max(now_, ticks(time));
}

void TimerWheel::step(std::uint64_t now) {
  TimerNode due;
  make_empty(due);
  for (unsigned level = 0; level < levels; ++level)
    take_due(level, now, due);
  now_ = now;

  while (!is_empty(due)) {
    auto& deadline = static_cast<Deadline&>(*due.next);
    remove(deadline);
    if (ticks(deadline.when_) > now) {
      link(deadline);  // was moved to later, or comes down a level
    } else {
      deadline.fire_(deadline.owner_);
    }
  }
}

// Moves the slots of `level` that begin in (now_, now] to `due`.
void TimerWheel::take_due(unsigned level, std::uint64_t now, TimerNode& due) noexcept {
  const std::uint64_t from = now_ >> (level * slot_bits);
  const std::uint64_t to = now >> (level * slot_bits);
  const std::uint64_t count = std::min<std::uint64_t>(to - from, slots);
  for (std::uint64_t i = 1; i <= count && used_[level] != 0; ++i) {
    const auto slot = static_cast<unsigned>((from + i) % slots);
    used_[level] &= ~(std::uint64_t{1} << slot);
    splice(heads_[level][slot], due);
  }
}

std::optional<TimePoint> TimerWheel::next_due() const noexcept {
  std::uint64_t next = UINT64_MAX;
  for (unsigned level = 0; level < levels; ++level)
    next = std::min(next, next_due_in(level));
  if (next == UINT64_MAX) return std::nullopt;
  return TimePoint{Milliseconds{static_cast<Milliseconds::rep>(next)}};
}

std::uint64_t TimerWheel::next_due_in(unsigned level) const noexcept {
  if (used_[level] == 0) return UINT64_MAX;
  const std::uint64_t from = now_ >> (level * slot_bits);
  // Bit 0 of `ahead` is the slot right behind the present one.
  const std::uint64_t ahead = std::rotr(used_[level], static_cast<int>((from + 1) % slots));
  return (from + 1 + static_cast<std::uint64_t>(std::countr_zero(ahead))) << (level * slot_bits);
}

}  // namespace banter::loop
