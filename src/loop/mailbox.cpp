#include "loop/mailbox.h"

#include <utility>

namespace banter {

thread_local char Port::thread_mark = 0;

void Port::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

bool Port::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (!is_open_.load(std::memory_order_relaxed)) return false;
  tasks_.push_back(std::move(task));
  if (tasks_.size() == 1) wake_(context_);
  return true;
}

std::vector<Port::Task> Port::take_all() {
  const std::lock_guard lock(mutex_);
  return std::exchange(tasks_, {});
}

void Port::drain() {
  const bool was_here = is_here();
  run_all();
  if (was_here && is_open()) return;
  thread_.store(is_open() ? &thread_mark : nullptr, std::memory_order_relaxed);
  run_all();  // what the first ones posted, not knowing that they were at home
}

void Port::run_all() {
  run_batch();  // what an outer drain(), one of whose tasks we are in, has not come to
  batch_ = take_all();
  run_batch();
}

void Port::run_batch() {
  while (next_ < batch_.size()) {
    Task task = std::move(batch_[next_++]);  // what it holds goes before the next one runs
    task();
  }
  batch_.clear();
  next_ = 0;
}

void Port::close() {
  const std::lock_guard lock(mutex_);
  is_open_.store(false, std::memory_order_release);
  wake_ = [](void*) {};
}

void Port::discard() {
  batch_.clear();
  next_ = 0;
  take_all().clear();
}

}  // namespace banter
