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
  std::vector<Task> tasks = take_all();
  for (Task& task : tasks) {
    task();
    task.reset();  // what it holds goes before the next one runs
  }
  if (thread_.load(std::memory_order_relaxed) != &thread_mark) {
    thread_.store(&thread_mark, std::memory_order_relaxed);
  }
}

void Port::close() {
  const std::lock_guard lock(mutex_);
  is_open_.store(false, std::memory_order_release);
  thread_.store(nullptr, std::memory_order_relaxed);
  wake_ = [](void*) {};
}

}  // namespace banter
