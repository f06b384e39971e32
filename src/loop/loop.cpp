#include "loop/loop.h"

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

template <class T>
void with_loop(T* handle, auto action) {
  if (handle->data != nullptr) action(*static_cast<Loop*>(handle->data));
}

}  // namespace

Loop::Loop(uv_loop_t* foreign)
    : own_(foreign ? nullptr : std::make_unique<uv_loop_t>()),
      uv_(foreign ? foreign : own_.get()),
      buffer_(new char[receive_size + 2 * padding]) {
  if (own_) require(uv_loop_init(uv_), "uv_loop_init");
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
  uv_check_start(check_.get(), [](uv_check_t* h) { with_loop(h, [](Loop& loop) { loop.on_check(); }); });
  uv_unref(reinterpret_cast<uv_handle_t*>(prepare_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(check_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_.get()));
}

Loop::~Loop() {
  port_->close();
  port_->release();
  if (!own_) return;
  prepare_.reset();
  check_.reset();
  timer_.reset();
  wake_.reset();
  uv_run(uv_, UV_RUN_DEFAULT);  // the close callbacks; nothing else is left
  uv_loop_close(uv_);
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

void Loop::set_stall_listener(StallListener* listener, Milliseconds threshold) noexcept {
  stall_listener_ = listener;
  stall_threshold_ = threshold;
}

void Loop::on_prepare() {
  if (!port_->is_here()) port_->drain();
  flush();
  arm_timer();
}

void Loop::on_check() {
  flush();
}

// libuv's time is taken before the timers run: late by more than the threshold means that this thread, or the
// whole machine, did not get round to it.
void Loop::check_stall() {
  if (!stall_listener_ || !armed_) return;
  if (const Milliseconds late = now() - *armed_; late >= stall_threshold_) stall_listener_->on_stall(late);
}

void Loop::on_timer() {
  check_stall();
  armed_.reset();
  wheel_.advance(now());
}

void Loop::arm_timer() {
  const std::optional<TimePoint> due = wheel_.next_due();
  if (!due || (armed_ && *armed_ <= *due)) return;
  armed_ = due;
  const Milliseconds delay = *due - now();
  uv_timer_start(
      timer_.get(), [](uv_timer_t* h) { with_loop(h, [](Loop& loop) { loop.on_timer(); }); },
      static_cast<std::uint64_t>(delay.count() > 0 ? delay.count() : 0), 0);
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
// gap.
void Loop::flush() {
  for (std::size_t i = 0; i < flush_list_.size(); ++i) {
    Stream* stream = std::exchange(flush_list_[i], nullptr);
    if (!stream) continue;
    stream->in_flush_list_ = false;
    stream->flush();
  }
  flush_list_.clear();
  while (!retired_.empty())
    std::exchange(retired_, {}).clear();
}

void Loop::close(Function<void()> done) {
  is_closing_ = true;
  done_ = std::move(done);
  flush();
  kept_.clear();
  flush();
  port_->drain();
  port_->close();
  port_->drain();
  flush();
  end_if_done();
}

void Loop::handle_closed() {
  --open_handles_;
  end_if_done();
}

void Loop::end_if_done() {
  if (!is_closing_ || open_handles_ != 0 || !wake_) return;
  prepare_.reset();
  check_.reset();
  timer_.reset();
  // The last close callback of the loop; every other one has run or runs in the same turn.
  auto* last = wake_.release();
  last->data = this;
  uv_close(reinterpret_cast<uv_handle_t*>(last), [](uv_handle_t* closed) {
    auto& loop = *static_cast<Loop*>(closed->data);
    delete reinterpret_cast<uv_async_t*>(closed);
    if (Function<void()> finished = std::move(loop.done_)) finished();
  });
}

}  // namespace banter::loop
