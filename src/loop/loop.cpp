#include "loop/loop.h"

#include <algorithm>
#include <cassert>
#include <csignal>
#include <system_error>
#include <utility>

#include "loop/error.h"
#include "loop/stream.h"

namespace banter::loop {

namespace {

void require(int status, const char* what) {
  if (status < 0) throw std::system_error(uv_error(status), what);
}

// A handle that `init` has accepted; before that libuv does not know it and it is plain memory.
template <class T, class Init>
UvHandle<T> make_handle(Loop& owner, const char* what, Init init) {
  auto handle = std::make_unique<T>();
  require(init(handle.get()), what);
  handle->data = &owner;
  return UvHandle<T>(handle.release());
}

std::unique_ptr<uv_loop_t> make_uv_loop() {
  auto loop = std::make_unique<uv_loop_t>();
  require(uv_loop_init(loop.get()), "uv_loop_init");
  return loop;
}

// libuv writes with write(2), which knows no MSG_NOSIGNAL.
void ignore_sigpipe() {
  struct sigaction present {};
  if (sigaction(SIGPIPE, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
}

template <class T>
void with_loop(T* handle, auto action) {
  if (handle->data != nullptr) action(*static_cast<Loop*>(handle->data));
}

}  // namespace

Loop::Loop(uv_loop_t* foreign)
    : own_(foreign ? nullptr : make_uv_loop().release()),
      uv_(foreign ? foreign : own_.get()),
      buffer_(new char[receive_size + 2 * padding]) {
  ignore_sigpipe();
  wheel_.advance(now());
  prepare_ =
      make_handle<uv_prepare_t>(*this, "uv_prepare_init", [&](auto* h) { return uv_prepare_init(uv_, h); });
  check_ = make_handle<uv_check_t>(*this, "uv_check_init", [&](auto* h) { return uv_check_init(uv_, h); });
  timer_ = make_handle<uv_timer_t>(*this, "uv_timer_init", [&](auto* h) { return uv_timer_init(uv_, h); });
  wake_ = make_handle<uv_async_t>(*this, "uv_async_init", [&](auto* h) {
    return uv_async_init(
        uv_, h, [](uv_async_t* async) { with_loop(async, [](Loop& loop) { loop.port_->drain(); }); });
  });
  port_ = new Port([](void* async) { uv_async_send(static_cast<uv_async_t*>(async)); }, wake_.get());
  uv_prepare_start(prepare_.get(),
                   [](uv_prepare_t* h) { with_loop(h, [](Loop& loop) { loop.on_prepare(); }); });
  uv_check_start(check_.get(), [](uv_check_t* h) { with_loop(h, [](Loop& loop) { loop.end_turn(); }); });
  uv_unref(reinterpret_cast<uv_handle_t*>(prepare_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(check_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
}

Loop::~Loop() {
  port_->close();
  port_->discard();
  port_->release();
}

void Loop::CloseUvLoop::operator()(uv_loop_t* loop) const noexcept {
  uv_run(loop, UV_RUN_DEFAULT);  // the close callbacks; nothing else is left
  uv_loop_close(loop);
  delete loop;
}

void Loop::run() {
  uv_run(uv_, UV_RUN_DEFAULT);
}

void Loop::keep(std::unique_ptr<Retired> object) {
  Retired* key = object.get();
  kept_.emplace(key, std::move(object));
}

void Loop::release(Retired& object) noexcept {
  if (auto node = kept_.extract(&object)) retired_.push_back(std::move(node.mapped()));
}

void Loop::set_budget(std::shared_ptr<base::Budget> budget) {
  ledger_.set_budget(budget.get());
  port_->set_budget(std::move(budget));
}

void Loop::set_stall_listener(StallListener* listener, Milliseconds threshold) noexcept {
  stall_listener_ = listener;
  stall_threshold_ = threshold;
}

void Loop::on_prepare() {
  if (!port_->is_here()) port_->drain();
  end_turn();
  if (timer_) arm_timer();
}

void Loop::end_turn() {
  flush();
  destroy_retired();
  if (open_handles_ == 0) {
    if (Function<void()> task = std::move(when_quiet_)) task();
  }
  if (is_closing_) go_on_closing();
}

// Destructors may retire further objects.
void Loop::destroy_retired() {
  while (!retired_.empty())
    std::exchange(retired_, {}).clear();
}

// libuv's time is taken before the timers run: late by more than the threshold means that this thread, or the
// whole machine, did not get round to it.
void Loop::check_stall() {
  if (!armed_) return;
  const Milliseconds late = now() - *armed_;
  counters_->lag.add(late);
  if (!stall_listener_ || late < stall_threshold_) return;
  stalled_ += late;
  stall_listener_->on_stall(late);
}

void Loop::on_timer() {
  check_stall();
  armed_.reset();
  wheel_.advance(now());
}

void Loop::arm_timer() {
  std::optional<TimePoint> due = wheel_.next_due();
  if (!due) return;
  due = std::max(*due, now());  // the wheel stands where it was last advanced to: that may be long ago
  if (armed_ && *armed_ <= *due) return;
  armed_ = due;
  uv_timer_start(
      timer_.get(), [](uv_timer_t* h) { with_loop(h, [](Loop& loop) { loop.on_timer(); }); },
      static_cast<std::uint64_t>((*due - now()).count()), 0);
}

void Loop::add_to_flush(Stream& stream) {
  stream.flush_index_ = static_cast<std::uint32_t>(flush_list_.size());
  stream.in_flush_list_ = true;
  flush_list_.push_back(&stream);
}

void Loop::remove_from_flush(Stream& stream) noexcept {
  if (!stream.in_flush_list_) return;
  flush_list_[stream.flush_index_] = nullptr;
  stream.in_flush_list_ = false;
}

// Streams that are written to meanwhile are appended and flushed as well; those that are destroyed leave a
// gap. After a few rounds I/O gets its turn again: a stream whose on_drain writes more than high_water to a
// peer that reads as fast would keep the flush for ever.
void Loop::flush() {
  constexpr int max_rounds = 8;
  if (std::exchange(is_flushing_, true)) return;
  std::size_t next = 0;
  for (int round = 0; round < max_rounds; ++round) {
    run_deferred();
    if (next == flush_list_.size()) break;
    for (const std::size_t end = flush_list_.size(); next < end; ++next) {
      Stream* stream = std::exchange(flush_list_[next], nullptr);
      if (!stream) continue;
      stream->in_flush_list_ = false;
      stream->flush();
    }
  }
  if (ledger_.relieve() && wake_) uv_async_send(wake_.get());  // the next one, if need be, goes soon
  is_flushing_ = false;
  keep_for_next_flush(next);
}

void Loop::run_deferred() {
  while (!deferred_.empty() || !turn_tasks_.empty()) {
    for (Function<void()>& task : std::exchange(deferred_, {}))
      task();
    run_turn_tasks();
  }
}

// Those that are scheduled meanwhile are appended and run as well; those that are destroyed leave a gap.
void Loop::run_turn_tasks() {
  for (std::size_t next = 0; next < turn_tasks_.size(); ++next) {
    TurnTask* task = turn_tasks_[next];
    if (!task) continue;
    task->cancel();
    task->run_(task->owner_);
  }
  turn_tasks_.clear();
}

void Loop::keep_for_next_flush(std::size_t first) {
  std::vector<Stream*> rest = std::exchange(flush_list_, {});
  for (std::size_t i = first; i < rest.size(); ++i) {
    if (rest[i]) add_to_flush(*rest[i]);
  }
  if (flush_list_.empty()) {
    rest.clear();
    flush_list_.swap(rest);  // keeps its memory
  }
  const bool has_rest = !flush_list_.empty() || !deferred_.empty() || !turn_tasks_.empty();
  if (has_rest && wake_) uv_async_send(wake_.get());  // the poll in between must not wait
}

void Loop::close(Function<void()> done) {
  assert(!is_closing_);
  is_closing_ = true;
  done_ = std::move(done);
  port_->close();
}

void Loop::handle_closed() {
  --open_handles_;
}

// At the end of each turn from close() on.
void Loop::go_on_closing() {
  port_->drain();
  for (auto& [key, object] : std::exchange(kept_, {}))
    retire(std::move(object));
  flush();
  destroy_retired();
  const bool is_idle = kept_.empty() && flush_list_.empty() && deferred_.empty() && turn_tasks_.empty();
  if (open_handles_ == 0 && is_idle) close_handles();
}

void Loop::close_handles() {
  if (!wake_) return;
  auto* last = wake_.release();
  last->data = this;
  // libuv runs the newest close callback first, so this one, the oldest, is the last.
  uv_close(reinterpret_cast<uv_handle_t*>(last), [](uv_handle_t* closed) {
    auto& loop = *static_cast<Loop*>(closed->data);
    delete reinterpret_cast<uv_async_t*>(closed);
    if (Function<void()> finished = std::move(loop.done_)) finished();
  });
  prepare_.reset();
  check_.reset();
  timer_.reset();
}

}  // namespace banter::loop
