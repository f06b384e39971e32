#include "loop/stream.h"

#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <utility>

namespace banter::loop {

namespace {

// Bytes of one request. libuv tells when all of it is taken; less often and memory and on_drain come late.
constexpr std::size_t max_request = 256 * 1024;

}  // namespace

// Polls for progress while a stream is above high_water: libuv does not tell when the kernel takes a part of
// a write. Counts polls, not time: what passes while our own loop stands still is not the peer's fault.
class Stream::StallWatch {
 public:
  explicit StallWatch(Stream& stream) : stream_(stream) { poll_again(); }

 private:
  static constexpr int polls = 4;  // in one stall_timeout

  void poll_again() {
    deadline_.set(stream_.loop_.wheel(), stream_.loop_.now() + stream_.settings_->stall_timeout / polls);
  }

  void poll() {
    const bool is_above = stream_.buffered() > stream_.settings_->high_water;
    const std::uint64_t before = std::exchange(taken_, stream_.bytes_taken());
    idle_polls_ = is_above && before == taken_ ? idle_polls_ + 1 : 0;
    if (idle_polls_ == polls) return stream_.fail(Error::stalled);
    poll_again();
  }

  Stream& stream_;
  std::uint64_t taken_ = stream_.bytes_taken();
  int idle_polls_ = 0;
  Deadline deadline_{*this, Deadline::Calls<&StallWatch::poll>{}};
};

Stream::Stream(Loop& loop, const Settings& settings) noexcept : loop_(loop), settings_(&settings) {}

Stream::~Stream() = default;

StreamPtr Stream::accept(Loop& loop, uv_stream_t* listener, const Settings& settings) {
  StreamPtr stream(new Stream(loop, settings));
  uv_tcp_init(loop.uv(), &stream->tcp_);
  stream->tcp_.data = stream.get();
  loop.handle_opened();
  if (uv_accept(listener, stream->uv()) < 0) stream.reset();
  return stream;
}

void StreamClose::operator()(Stream* stream) const noexcept {
  stream->close();
}

void Stream::close() noexcept {
  is_closing_ = true;
  loop_.remove_from_flush(*this);
  if (output_ && output_->is_writing) {
    output_->forget();
  } else if (output_) {
    release_output();
  }
  stall_watch_.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp_), [](uv_handle_t* handle) {
    auto* closed = static_cast<Stream*>(handle->data);
    Loop& loop = closed->loop_;
    delete closed;
    loop.handle_closed();
  });
}

void Stream::release_output() noexcept {
  stall_watch_.reset();
  output_->account.reset();
  output_->in_flight.clear();
  output_->waiting.clear();
  output_->above_high_water = false;
  output_->is_left_over = false;
  loop_.output_pool_.give_back(std::move(output_));
}

void Stream::start(StreamHandler& handler) {
  handler_ = &handler;
  is_told_ = false;
  if (error_ && !in_flush_list_) loop_.add_to_flush(*this);
  resume();
}

void Stream::pause() noexcept {
  uv_read_stop(uv());
}

void Stream::resume() noexcept {
  if (has_ended_ || is_closing_ || error_) return;
  uv_read_start(
      uv(),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        const std::span<char> bytes = static_cast<Stream*>(handle->data)->loop_.receive_buffer();
        *buffer = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
      },
      [](uv_stream_t* handle, ssize_t length, const uv_buf_t* buffer) {
        static_cast<Stream*>(handle->data)->on_read_result(length, buffer);
      });
}

void Stream::on_read_result(ssize_t length, const uv_buf_t* buffer) {
  if (length == 0 || is_closing_ || error_) return;
  if (length > 0) {
    loop_.counters_->bytes_in.add(static_cast<std::uint64_t>(length));
    return handler_->on_read({buffer->base, static_cast<std::size_t>(length)});
  }
  pause();
  has_ended_ = true;
  if (length != UV_EOF) error_ = uv_error(static_cast<int>(length));
  tell_end(error_);
}

void Stream::tell_end(std::error_code error) {
  if (std::exchange(is_told_, true)) return;
  handler_->on_end(error);
}

std::size_t Stream::buffered() const noexcept {
  if (!output_) return 0;
  if (!output_->is_writing) return output_->size();
  // Of a request under way libuv knows what the kernel has not taken yet.
  return output_->size() - output_->requested +
         uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&tcp_));
}

std::uint64_t Stream::bytes_taken() const noexcept {
  if (!output_) return 0;
  return output_->written + (output_->size() - buffered());
}

// What is left over, or is about to be, counts towards the budget from now on.
void Stream::charge() {
  base::Budget* const budget = loop_.ledger().budget();
  if (!budget) return;
  output_->in_flight.charge_to(budget);
  output_->waiting.charge_to(budget);
  if (output_->account) return;
  output_->account.emplace(*this, Account::Calls<&Stream::buffered, &Stream::end_for_budget>{});
  output_->account->open(loop_.ledger());
}

// Why a write that makes it so many bytes, above one of the limits, is one too many.
std::error_code Stream::refuse(std::size_t total) const noexcept {
  if (total > settings_->max_queue) return Error::slow_consumer;
  return loop_.ledger().is_spent() ? make_error_code(Error::over_budget) : std::error_code{};
}

SendResult Stream::write(std::span<const Piece> entry, Policy policy, std::string_view key) {
  assert(handler_ != nullptr);
  if (is_closing_ || error_ || shuts_down_) return SendResult::closed;
  const bool left_over = has_left_over();
  if (left_over && policy == Policy::drop) return SendResult::dropped;
  std::size_t size = 0;
  for (const Piece& piece : entry)
    size += piece.bytes.size();
  if (policy == Policy::latest && output_) output_->remove(key);
  const std::size_t total = buffered() + size;
  const bool is_above = total > settings_->high_water;
  if (is_above || total > settings_->max_queue) {
    if (const std::error_code error = refuse(total)) {
      fail(error);
      return SendResult::dropped;
    }
  }
  if (!output_) output_ = loop_.output_pool_.take();
  policy == Policy::latest ? output_->waiting.append_latest(entry, key) : output_->waiting.append(entry);
  output_->above_high_water |= is_above;
  if (is_above) charge();
  if (!output_->is_writing && !in_flush_list_) loop_.add_to_flush(*this);
  if (output_->is_writing) watch_for_stall();
  return left_over || is_above ? SendResult::queued : SendResult::sent;
}

// Ends the stream with the next flush: its owner must not be called from inside its own call of write().
void Stream::fail(std::error_code error) {
  if (error_ || is_closing_) return;
  error_ = error;
  if (!in_flush_list_) loop_.add_to_flush(*this);
}

void Stream::flush() {
  if (error_) {
    pause();
    return tell_end(error_);
  }
  bool owes_drain = false;
  if (output_ && !output_->is_writing) {
    if (!send_now(output_->in_flight) || !send_now(output_->waiting)) {
      if (!error_) send_later();
      return;  // on_end of a failure comes when the loop's flush gets to it again
    }
    owes_drain = output_->above_high_water;
    release_output();
  }
  if (shuts_down_ && !output_) return shut_down();
  if (owes_drain && !is_told_) handler_->on_drain();
}

// Hands the kernel what it takes; answers whether that was everything.
bool Stream::send_now(OutputQueue& queue) {
  while (!queue.empty()) {
    const std::span<uv_buf_t> slices = queue.front();
    const int taken = uv_try_write(uv(), slices.data(), static_cast<unsigned>(slices.size()));
    if (taken == UV_EAGAIN) return false;
    if (taken < 0) {
      fail(uv_error(taken));
      return false;
    }
    output_->written += static_cast<std::size_t>(taken);
    loop_.counters_->bytes_out.add(static_cast<std::uint64_t>(taken));
    queue.consume(static_cast<std::size_t>(taken));
  }
  return true;
}

// The kernel is full: one request waits for it to become writable. Never more than one, and what is written
// meanwhile goes to the other queue, whose memory may move.
void Stream::send_later() {
  if (output_->in_flight.empty()) std::swap(output_->in_flight, output_->waiting);
  const std::span<uv_buf_t> slices = output_->in_flight.front(max_request);
  output_->requested = 0;
  for (const uv_buf_t& slice : slices)
    output_->requested += slice.len;
  output_->in_flight.pin();
  output_->is_left_over = true;
  charge();
  output_->request.data = this;
  output_->is_writing = true;
  const int status = uv_write(
      &output_->request, uv(), slices.data(), static_cast<unsigned>(slices.size()),
      [](uv_write_t* request, int result) { static_cast<Stream*>(request->data)->on_written(result); });
  if (status < 0) {
    output_->is_writing = false;
    return fail(uv_error(status));
  }
  watch_for_stall();
}

void Stream::watch_for_stall() {
  if (!stall_watch_ && buffered() > settings_->high_water) stall_watch_ = std::make_unique<StallWatch>(*this);
}

void Stream::on_written(int status) {
  output_->is_writing = false;
  if (is_closing_) return;
  if (status < 0) return fail(uv_error(status));
  output_->written += output_->requested;
  loop_.counters_->bytes_out.add(output_->requested);
  output_->in_flight.consume(output_->requested);
  if (!in_flush_list_) loop_.add_to_flush(*this);
  const std::size_t left = output_->size();
  if (left <= settings_->high_water) stall_watch_.reset();
  if (output_->above_high_water && left <= settings_->high_water / 2) {
    output_->above_high_water = false;
    if (!is_told_) handler_->on_drain();
  }
}

Address Stream::peer() const {
  sockaddr_storage storage{};
  int length = sizeof storage;
  if (uv_tcp_getpeername(&tcp_, reinterpret_cast<sockaddr*>(&storage), &length) < 0) return {};
  return to_address(storage);
}

bool Stream::has_peer_left() const noexcept {
  uv_os_fd_t descriptor = -1;
  if (has_ended_ || error_) return true;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&tcp_), &descriptor) < 0) return true;
  char byte = 0;
  const ssize_t length = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return length == 0 || (length < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

// Keeps a stream until the peer has read what was sent last, or the grace is over.
class Stream::Finish final : public Retired, public StreamHandler {
 public:
  Finish(StreamPtr stream, Milliseconds grace) : stream_(std::move(stream)), grace_(grace) {
    stream_->start(*this);
    wait();
  }

  void on_read(std::span<char>) override {}  // discarded
  void on_end(std::error_code error) override {
    const bool still_sends = !error && stream_->buffered() > 0;
    still_sends ? stream_->start(*this) : go();
  }

 private:
  void wait() {
    left_ = stream_->buffered();
    deadline_.set(stream_->loop_.wheel(), stream_->loop_.now() + grace_);
  }
  void on_deadline() {
    const bool is_sending = stream_->buffered() < left_;
    is_sending ? wait() : go();
  }
  void go() {
    Loop& loop = stream_->loop_;
    deadline_.cancel();
    stream_.reset();
    loop.release(*this);
  }

  StreamPtr stream_;
  Milliseconds grace_;
  std::size_t left_ = 0;
  Deadline deadline_{*this, Deadline::Calls<&Finish::on_deadline>{}};
};

void Stream::finish(StreamPtr stream, Milliseconds grace) {
  Stream& ending = *stream;
  if (ending.error_) return;  // nothing can be sent any more: `stream` closes
  ending.shuts_down_ = true;
  if (!ending.in_flush_list_ && !(ending.output_ && ending.output_->is_writing))
    ending.loop_.add_to_flush(ending);
  ending.loop_.keep(std::make_unique<Finish>(std::move(stream), grace));
}

void Stream::shut_down() {
  if (has_ended_) return tell_end({});  // the peer is gone already
  shuts_down_ = false;
  auto request = std::make_unique<uv_shutdown_t>();
  const int status = uv_shutdown(request.get(), uv(), [](uv_shutdown_t* done, int) { delete done; });
  if (status < 0) return tell_end(uv_error(status));
  request.release();  // its callback deletes it
}

}  // namespace banter::loop
