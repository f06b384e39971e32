// Handlers and middlewares that are coroutines, and what they may await.
//
//   io.on("vote", [](banter::Socket socket, std::string choice) -> banter::Task<> {
//     const auto sure = co_await socket.timeout(5s).ask<bool>("really?", choice);
//     if (sure && sure.value) socket.emit("counted", choice);
//   });
//
//   event --> running --------------------------> ended
//               | ^
//      co_await v | what it waits for
//            suspended --(nothing can come any more)--> destroyed
//
// Begin: a handler of on and once, or a middleware, that returns Task<> runs at once, like any other, up to
//   its first suspension; there it counts as returned. The next event may come while it is suspended.
//   Parameters are by value, and the function object, with what a lambda has captured, lives until the
//   coroutine is over, whatever `off` does meanwhile.
// Go on: each of the awaitables below resumes once, on the Worker it names. What the application awaits
//   besides resumes wherever that does; `co_await banter::on(socket)` leads back.
// End: what the coroutine throws goes to on_error, as for any other handler; after that a middleware has
//   refused, and the socket of a `connection` handler is disconnected.
// Destroyed: when the server closes, a coroutine that sleeps is destroyed: its locals, and those of the tasks
//   it awaits, go as at the end of their scopes, and nothing behind the co_await runs. One that asks hears
//   `disconnected` first, as when its socket leaves alone, and may go on for as long as the server does. One
//   that waits for something of the application's is destroyed where it wants back to a Worker that is gone:
//   it would find nothing there that its handler was made for. Each coroutine ends once: one way or another.
//
// The awaitables are for coroutines that the server has started, and the tasks these await; elsewhere their
// co_await throws std::logic_error. One thing at a time may be awaited in a coroutine. What the application
// awaits by means of its own holds a coroutine_handle, which it must resume, or the coroutine is never freed;
// `suspend` gives it a Resume instead.
//
// g++ 12 gets wrong what is made in place inside an expression with co_await: a list in braces does not
// compile; an aggregate, and a lambda that has captured objects, are destroyed twice; so are temporaries
// beside a co_await in a branch of `?:`. Name such a thing first, or the question, which is not sent before:
//   auto question = socket.ask<bool>("really?", Vote{choice, "now"});
//   const auto sure = co_await question;
#pragma once

#include <chrono>
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "banter/export.h"
#include "banter/handle.h"
#include "banter/task.h"

namespace banter {

// The right to resume a suspended coroutine, once, from any thread: it goes on inside the call. Who drops it
// instead destroys the coroutine, all of it, there and then.
class Resume {
 public:
  Resume(std::coroutine_handle<> suspended, detail::Coroutine& whole) noexcept
      : suspended_(suspended), whole_(&whole) {}
  Resume(Resume&& other) noexcept : suspended_(other.suspended_), whole_(std::exchange(other.whole_, {})) {}
  Resume& operator=(Resume&& other) noexcept {
    Resume taken(std::move(other));
    std::swap(suspended_, taken.suspended_);
    std::swap(whole_, taken.whole_);
    return *this;
  }
  ~Resume() {
    if (whole_) destroy(*whole_);
  }

  // Has no effect a second time.
  void operator()() {
    if (std::exchange(whole_, nullptr)) suspended_.resume();
  }

  // Gives the right up without using it: the coroutine goes on by itself.
  void release() noexcept { whole_ = nullptr; }

  // What is resumed, and what it is a part of.
  [[nodiscard]] std::coroutine_handle<> suspended() const noexcept { return suspended_; }
  [[nodiscard]] detail::Coroutine* whole() const noexcept { return whole_; }

 private:
  BANTER_API static void destroy(detail::Coroutine& whole) noexcept;

  std::coroutine_handle<> suspended_;
  detail::Coroutine* whole_;
};

namespace detail {

// What our awaitables have in common. `Derived::begin(Resume)` answers false, having released it, if there is
// nothing to wait for. Once it has handed the Resume on, the awaitable may be gone.
template <class Derived>
class Awaitable {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }

  template <class Promise>
  [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    Coroutine* whole = coroutine_of(awaiting);
    if (!whole) throw std::logic_error("banter: this co_await is for coroutines that the server has started");
    return static_cast<Derived&>(*this).begin(Resume(awaiting, *whole));
  }
};

// False, and nothing was begun, if the coroutine is not on its Worker.
[[nodiscard]] BANTER_API bool sleep(std::chrono::milliseconds delay, Resume resume) noexcept;

class [[nodiscard]] Sleep : public Awaitable<Sleep> {
 public:
  explicit Sleep(std::chrono::milliseconds delay) noexcept : delay_(delay) {}

  [[nodiscard]] bool begin(Resume resume) const {
    if (detail::sleep(delay_, std::move(resume))) return true;
    throw std::logic_error("banter: sleep: not on a Worker; `co_await banter::on(socket)` first");
  }
  void await_resume() const noexcept {}

 private:
  std::chrono::milliseconds delay_;
};

// Sets `is_there` and answers false if this is the socket's Worker already; else does it there, and resumes.
[[nodiscard]] BANTER_API bool go_to(SocketRef socket, bool& is_there, Resume resume) noexcept;

class [[nodiscard]] GoTo : public Awaitable<GoTo> {
 public:
  explicit GoTo(SocketRef socket) noexcept : socket_(std::move(socket)) {}

  [[nodiscard]] bool begin(Resume resume) { return go_to(std::move(socket_), is_there_, std::move(resume)); }
  bool await_resume() const noexcept { return is_there_; }

 private:
  SocketRef socket_;
  bool is_there_ = false;
};

// While a Resume is being handed over: notes that it was dropped on this thread, instead of destroying the
// coroutine under the feet of the hand-over.
class BANTER_API HandOver {
 public:
  explicit HandOver(Coroutine& whole) noexcept;
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;
  ~HandOver();

  [[nodiscard]] bool was_dropped() const noexcept { return was_dropped_; }

  // Notes it; false if no hand-over of that coroutine is under way on this thread.
  static bool note_dropped(const Coroutine& whole) noexcept;

 private:
  const Coroutine* whole_;
  HandOver* outer_;
  bool was_dropped_ = false;
};

template <class F>
class [[nodiscard]] Suspend : public Awaitable<Suspend<F>> {
 public:
  explicit Suspend(F hand_over) : hand_over_(std::move(hand_over)) {}

  // Not inline: clang 14 would keep the locals in the coroutine's frame, which may be gone by then.
  [[nodiscard]] [[gnu::noinline]] bool begin(Resume resume) {
    F hand_over = std::move(hand_over_);
    const std::coroutine_handle<> suspended = resume.suspended();
    Coroutine& whole = *resume.whole();
    if (drops(hand_over, std::move(resume), whole)) Resume dropped(suspended, whole);
    return true;
  }
  void await_resume() const noexcept {}

 private:
  static bool drops(F& hand_over, Resume resume, Coroutine& whole) {
    const HandOver watch(whole);
    try {
      hand_over(std::move(resume));
    } catch (...) {
      if (watch.was_dropped()) throw;
      std::terminate();  // the coroutine would go on twice
    }
    return watch.was_dropped();
  }

  F hand_over_;
};

}  // namespace detail

// `co_await banter::sleep(50ms)`: goes on after that time, on the Worker the coroutine is on; 0 is the next
// turn of its loop. On another thread: std::logic_error.
[[nodiscard]] inline detail::Sleep sleep(std::chrono::milliseconds delay) noexcept {
  return detail::Sleep(delay);
}

// `co_await banter::suspend(f)`: calls f(Resume) and waits until that is called: the way to whatever takes a
// callback, as a thread pool of the application. Goes on where it is called. What f throws before it has put
// the Resume anywhere, the co_await throws.
template <class F>
requires std::is_invocable_v<F&, Resume>
[[nodiscard]] detail::Suspend<F> suspend(F hand_over) {
  return detail::Suspend<F>(std::move(hand_over));
}

}  // namespace banter
