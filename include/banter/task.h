// Task: what a coroutine of the application returns.
#pragma once

#if defined(__clang__) && !defined(__cpp_impl_coroutine)
#define __cpp_impl_coroutine 201902L  // clang 14 has what libstdc++'s header asks for, but does not say so
#endif
#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "banter/export.h"

namespace banter {

template <class T = void>
class Task;

namespace detail {

class Coroutine;  // one that the server has started, with all the tasks it is awaiting

// What every Task's frame begins with.
struct TaskPromiseBase {
  std::coroutine_handle<> awaiting;  // who goes on when this ends; none: the server has started it
  Coroutine* coroutine = nullptr;    // what it is a part of; null under a foreign coroutine
  std::exception_ptr exception;

  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

// Runs `task` until it is suspended; true if it came to its end. A tail call would do, but without -O2, and
// with sanitizers, g++ makes none: a loop that awaits what is ready would use up the stack.
[[nodiscard]] BANTER_API bool start(std::coroutine_handle<> task);

// At the end of `task`: who goes on.
[[nodiscard]] BANTER_API std::coroutine_handle<> end(std::coroutine_handle<> task,
                                                     TaskPromiseBase& promise) noexcept;

struct TaskEnd {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <std::derived_from<TaskPromiseBase> Promise>
  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> task) const noexcept {
    return end(task, task.promise());
  }
  void await_resume() const noexcept {}
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;

  [[nodiscard]] Task<T> get_return_object() noexcept;
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] TaskEnd final_suspend() const noexcept { return {}; }
  template <std::convertible_to<T> Value>
  void return_value(Value&& result) {
    value.emplace(std::forward<Value>(result));
  }
  [[nodiscard]] T result() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  [[nodiscard]] Task<void> get_return_object() noexcept;
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] TaskEnd final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void result() const {
    if (exception) std::rethrow_exception(exception);
  }
};

// The coroutine that somebody who awaits belongs to; null if the server has not started it.
template <class Promise>
[[nodiscard]] Coroutine* coroutine_of(std::coroutine_handle<Promise> awaiting) noexcept {
  if constexpr (std::derived_from<Promise, TaskPromiseBase>) {
    return awaiting.promise().coroutine;
  } else {
    return nullptr;
  }
}

}  // namespace detail

// A coroutine that has not begun: a handler's, which the server starts, or a helper's, which begins when it
// is awaited and whose result `co_await` gives, or throws what it threw. A resource with one owner; awaited
// once. Destroying a Task destroys its coroutine, wherever that is suspended.
//
// Threads: goes on wherever it is resumed, and so does who awaits it; see coroutine.h.
template <class T>
class [[nodiscard]] Task {
  static_assert(!std::is_reference_v<T>, "banter: a Task gives a value, not a reference");

 public:
  using promise_type = detail::TaskPromise<T>;

  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task taken(std::move(other));
    std::swap(frame_, taken.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) const {
      frame_.promise().awaiting = awaiting;
      frame_.promise().coroutine = detail::coroutine_of(awaiting);
      return !detail::start(frame_);
    }
    T await_resume() const { return frame_.promise().result(); }

   private:
    std::coroutine_handle<promise_type> frame_;
  };

  // The Task must last until it has ended: `co_await helper()`, or `co_await std::move(task)`. Throws
  // std::logic_error if it was moved from, or has begun.
  [[nodiscard]] Awaiter operator co_await() && {
    if (!frame_ || frame_.promise().awaiting) throw std::logic_error("banter: a Task is awaited once");
    return Awaiter(frame_);
  }

  // For the server, which starts it; it then owns the frame.
  [[nodiscard]] std::coroutine_handle<promise_type> release() noexcept {
    return std::exchange(frame_, nullptr);
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {};

}  // namespace detail
}  // namespace banter
