// The way into a loop from other threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "banter/function.h"
#include "base/budget.h"

namespace banter {

// One Worker's mailbox and address: reference-counted, and outlives its Worker. Handles keep a Port, never a
// socket, alive. Any thread may call any member, unless it says otherwise.
class Port {
 public:
  using Task = Function<void()>;

  // `wake` is called by the post that finds the mailbox empty, under its lock, until close().
  // The maker holds the first reference.
  Port(void (*wake)(void*), void* context) noexcept : wake_(wake), context_(context) {}
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;

  // Puts `task` behind all earlier ones; the loop runs it. Answers false, and destroys the task, once the
  // Port is closed. The lock is not held while a task is destroyed.
  bool post(Task task);

  // True on the loop's own thread once the loop has turned, until the last task has run after close(). Costs
  // two loads.
  [[nodiscard]] bool is_here() const noexcept {
    return thread_.load(std::memory_order_relaxed) == &thread_mark;
  }
  [[nodiscard]] bool is_open() const noexcept { return is_open_.load(std::memory_order_acquire); }

  // Whoever the loop belongs to. Only where is_here().
  [[nodiscard]] void* owner() const noexcept { return owner_; }
  void set_owner(void* owner) noexcept { owner_ = owner; }

  // What posted bytes are charged to; may be null. Set before another thread knows the Port.
  void set_budget(std::shared_ptr<base::Budget> budget) noexcept { budget_ = std::move(budget); }
  [[nodiscard]] base::Budget* budget() const noexcept { return budget_.get(); }

  // The loop's side, on its thread. The first drain() runs what was posted before and then takes the calling
  // thread for the loop's own, so that nothing overtakes an earlier post. A task may call drain().
  void drain();

  // Refuses further posts and wakes nobody any more; what was posted can still be drained, once.
  void close();

  // Destroys what was posted and has not run: tasks may hold references to this very Port.
  void discard();

 private:
  ~Port() = default;
  [[nodiscard]] std::vector<Task> take_all();
  void run_all();
  void run_batch();

  static thread_local char thread_mark;

  std::atomic<std::uint32_t> references_{1};
  std::atomic<const char*> thread_{nullptr};
  std::atomic<bool> is_open_{true};
  void* owner_ = nullptr;
  std::shared_ptr<base::Budget> budget_;  // outlives the tasks, which hold charges
  std::mutex mutex_;                      // guards tasks_, wake_, context_ and the change of is_open_
  std::vector<Task> tasks_;
  std::vector<Task> batch_;  // being run; the loop's thread only
  std::size_t next_ = 0;     // of batch_
  void (*wake_)(void*);
  void* context_;
};

}  // namespace banter
