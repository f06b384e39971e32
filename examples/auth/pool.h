// The application's threads, for work that would hold up the server's.
#pragma once

#include <banter/banter.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

// Thrown instead of taking one more job.
struct Busy : std::runtime_error {
  Busy() : std::runtime_error("too many jobs wait") {}
};

class Pool {
 public:
  using Job = banter::Function<void()>;  // must not throw

  // `capacity` jobs may wait: whoever can ask for work must not be able to pile it up.
  Pool(std::size_t threads, std::size_t capacity);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();  // what has not begun is dropped, and with it the coroutines that wait for it

  // Runs `job` on one of the threads, soon; or throws Busy.
  void post(Job job);

  // `co_await pool.run(f)` runs f there, and goes on there; throws what f throws, or Busy.
  template <class F>
  banter::Task<> run(F work) {
    std::exception_ptr failure;
    co_await banter::suspend([&](banter::Resume resume) {
      post([&, resume = std::move(resume)]() mutable {
        try {
          work();
        } catch (...) {
          failure = std::current_exception();
        }
        resume();
      });
    });
    if (failure) std::rethrow_exception(failure);
  }

 private:
  void work();

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};
