// One event loop and what everything on it shares: the receive buffer, the flush list, the timer wheel, the
// mailbox.
#pragma once

#include <uv.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "banter/function.h"
#include "loop/counters.h"
#include "loop/handle.h"
#include "loop/ledger.h"
#include "loop/mailbox.h"
#include "loop/output_queue.h"
#include "loop/time.h"
#include "loop/timer_wheel.h"
#include "loop/turn_task.h"

namespace banter::loop {

class Stream;

// Something that may still be running when it is done with, and is destroyed on a later turn: see
// Loop::retire.
class Retired {
 public:
  virtual ~Retired() = default;
};

// Told when the loop itself was kept from turning, so that deadlines of peers can be extended.
class StallListener {
 public:
  virtual void on_stall(Milliseconds length) = 0;

 protected:
  ~StallListener() = default;
};

// A resource on a uv_loop_t that it owns, or that belongs to somebody else; on that one it never calls
// uv_run, uv_stop or uv_walk and leaves zero handles after close().
//
// Thread: that of the uv loop; Port is the way in for the others.
// A turn ends with the deferred tasks and the flush: once in uv_prepare (what timers and close callbacks
// queued) and once in uv_check (what I/O and tasks queued). Retired objects are destroyed after it.
//
// A peer that is gone must not kill the process: SIGPIPE is ignored from the first Loop on, unless the
// application has set something else than the default.
class Loop {
 public:
  static constexpr std::size_t receive_size = 64 * 1024;

  // With a null `foreign` the Loop makes and owns a uv loop. Throws std::system_error if libuv cannot make
  // its handles.
  explicit Loop(uv_loop_t* foreign = nullptr);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();  // after the `done` of close() (of an own loop: after run()), or before the loop has ever turned

  [[nodiscard]] uv_loop_t* uv() noexcept { return uv_; }

  // Runs an own loop until it is closed.
  void run();

  // Begins the end; may be called from any callback of the loop, once. `done` runs when every stream and
  // listener of the loop is closed (whose owners must drop them) and the loop's own handles are too. The Port
  // refuses posts from now on; what was posted before runs at the end of this turn.
  void close(Function<void()> done);

  // The loop's time, cached by libuv for this turn.
  [[nodiscard]] TimePoint now() const noexcept {
    return TimePoint{Milliseconds{static_cast<Milliseconds::rep>(uv_now(uv_))}};
  }
  [[nodiscard]] TimerWheel& wheel() noexcept { return wheel_; }
  [[nodiscard]] Port& port() noexcept { return *port_; }

  // What is kept for peers here, and in the mailbox, is charged to it; while it is spent each turn ends with
  // the end of the connection that owes most. Before the loop turns.
  void set_budget(std::shared_ptr<base::Budget> budget);
  [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }

  // Where every stream's bytes arrive, with 16 writable bytes before and behind.
  [[nodiscard]] std::span<char> receive_buffer() noexcept { return {buffer_.get() + padding, receive_size}; }

  // Destroys `object` at the end of this turn, when no callback of it can be running any more.
  void retire(std::unique_ptr<Retired> object) { retired_.push_back(std::move(object)); }

  // Runs `task` at the end of the turn, before the flush: for what must not happen inside the running
  // callback.
  void defer(Function<void()> task) { deferred_.push_back(std::move(task)); }

  // Runs `task` once, at the end of the turn in which the last stream and listener have closed; at the end of
  // this one if there are none.
  void when_quiet(Function<void()> task) { when_quiet_ = std::move(task); }

  // Owns `object` until release(), or until close() destroys it: for what outlives its maker, like a
  // connection that is still saying goodbye.
  void keep(std::unique_ptr<Retired> object);
  void release(Retired& object) noexcept;  // retires it

  // Flushes now instead of at the end of the turn. Inside a flush it does nothing: that one goes on.
  void flush();

  // Hears of turns that began more than `threshold` late. May be null.
  void set_stall_listener(StallListener* listener, Milliseconds threshold) noexcept;

  // Counts there from now on, instead of in a place of its own. Before the loop turns; outlives it.
  void set_counters(Counters& counters) noexcept { counters_ = &counters; }

  // The lengths of all stalls that exceeded the threshold, together: what a peer's deadline that was running
  // meanwhile may be extended by.
  [[nodiscard]] Milliseconds stalled() const noexcept { return stalled_; }

 private:
  friend class Stream;
  friend class Listener;
  friend class TurnTask;
  static constexpr std::size_t padding = 16;

  void run_deferred();
  void run_turn_tasks();
  void add_to_flush(Stream& stream);
  void remove_from_flush(Stream& stream) noexcept;
  void handle_opened() noexcept { ++open_handles_; }
  void handle_closed();
  void on_prepare();
  void on_timer();
  void end_turn();
  void destroy_retired();
  void keep_for_next_flush(std::size_t first);
  void arm_timer();
  void check_stall();
  void go_on_closing();
  void close_handles();

  struct CloseUvLoop {
    void operator()(uv_loop_t* loop) const noexcept;
  };

  std::unique_ptr<uv_loop_t, CloseUvLoop> own_;  // goes last: it lets close callbacks of the others run
  uv_loop_t* uv_;
  std::unique_ptr<char[]> buffer_;
  TimerWheel wheel_;
  Ledger ledger_;
  OutputPool output_pool_;
  Port* port_;
  std::vector<Stream*> flush_list_;
  std::vector<Function<void()>> deferred_;
  std::vector<TurnTask*> turn_tasks_;
  Function<void()> when_quiet_;
  std::vector<std::unique_ptr<Retired>> retired_;
  std::unordered_map<Retired*, std::unique_ptr<Retired>> kept_;
  UvHandle<uv_prepare_t> prepare_;
  UvHandle<uv_check_t> check_;
  UvHandle<uv_timer_t> timer_;
  UvHandle<uv_async_t> wake_;
  std::optional<TimePoint> armed_;
  std::shared_ptr<Loop> self_{this, [](Loop*) {}};  // owns nothing: a Listener may still be closing after us
  std::size_t open_handles_ = 0;                    // streams and listeners whose close callback has not run
  bool is_flushing_ = false;
  bool is_closing_ = false;
  Function<void()> done_;
  Counters own_counters_;
  Counters* counters_ = &own_counters_;
  StallListener* stall_listener_ = nullptr;
  Milliseconds stall_threshold_{};
  Milliseconds stalled_{};
};

}  // namespace banter::loop
