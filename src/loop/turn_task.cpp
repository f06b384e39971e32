#include "loop/turn_task.h"

#include "loop/loop.h"

namespace banter::loop {

void TurnTask::schedule() {
  if (place_ != nowhere) return;
  place_ = loop_.turn_tasks_.size();
  loop_.turn_tasks_.push_back(this);
}

void TurnTask::cancel() noexcept {
  if (place_ == nowhere) return;
  loop_.turn_tasks_[place_] = nullptr;
  place_ = nowhere;
}

}  // namespace banter::loop
