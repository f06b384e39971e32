// A method of its owner that is called once at the end of the turn, before the flush: for work that is better
// done once for all that happens in a turn. Embedded in the owner; neither copied nor moved.
#pragma once

#include <cstddef>

namespace banter::loop {

class Loop;

// Destroying a TurnTask calls it off, so the owner may go at any time. On the loop's thread.
class TurnTask {
 public:
  template <auto method>
  struct Calls {};

  // `TurnTask flush_{loop, *this, TurnTask::Calls<&Transport::flush>{}};`
  template <class Owner, auto method>
  TurnTask(Loop& loop, Owner& owner, Calls<method>) noexcept
      : loop_(loop), owner_(&owner), run_([](void* object) { (static_cast<Owner*>(object)->*method)(); }) {}
  TurnTask(const TurnTask&) = delete;
  TurnTask& operator=(const TurnTask&) = delete;
  ~TurnTask() { cancel(); }

  void schedule();  // without effect if it is scheduled
  void cancel() noexcept;

 private:
  friend class Loop;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  Loop& loop_;
  void* owner_;
  void (*run_)(void*);
  std::size_t place_ = nowhere;  // in the loop's list
};

}  // namespace banter::loop
