// One connection's bytes: reading into the loop's buffer, a bounded output queue, and its end.
//
//   open --> peer ended / failed --(on_end)--> closed by its owner
//      \---> finish(): flush, half-close, read and discard until the peer ends or the grace is over -->
//      closed
#pragma once

#include <uv.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include "banter/send_result.h"
#include "loop/address.h"
#include "loop/error.h"
#include "loop/loop.h"
#include "loop/output_queue.h"
#include "loop/time.h"

namespace banter::loop {

// Limits of a stream's output.
struct Settings {
  // Above this many bytes left over, writes answer `queued`; StreamHandler::on_drain comes at half of it.
  std::size_t high_water = 1024 * 1024;

  // A write that would leave more than this answers `dropped` and ends the stream with Error::slow_consumer.
  std::size_t max_queue = 16 * 1024 * 1024;

  // Above high_water, and not one byte taken for so long: the stream ends with Error::stalled.
  Milliseconds stall_timeout = std::chrono::seconds{30};
};

// Whom a stream tells. Every call may destroy the stream's owner and with it the stream.
class StreamHandler {
 public:
  // `bytes` lie in the loop's receive buffer: valid and writable until the call returns.
  virtual void on_read(std::span<char> bytes) = 0;

  // The stream is over: the peer ended its side (no error), or it failed. The last call, unless start() is
  // called again: after an end without error that lets a handler that still has to answer hear of on_drain
  // and of a failure. Never comes from inside a call of Stream's own members.
  virtual void on_end(std::error_code error) = 0;

  // What was left over has fallen to half of high_water, having been above it.
  virtual void on_drain() {}

 protected:
  ~StreamHandler() = default;
};

class Stream;

// Closes at once: what is still queued is lost and nothing is heard any more. The memory goes in libuv's
// callback.
struct StreamClose {
  void operator()(Stream* stream) const noexcept;
};
using StreamPtr = std::unique_ptr<Stream, StreamClose>;

// A resource on one Loop, on whose thread all calls are made.
class Stream {
 public:
  // A connection waiting at `listener`. Null if it is gone already. `settings` must outlive the stream.
  [[nodiscard]] static StreamPtr accept(Loop& loop, uv_stream_t* listener, const Settings& settings);

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Begins to read and to tell `handler`; called again it changes the one who is told. To be called before
  // write().
  void start(StreamHandler& handler);

  // Queues one entry; it leaves with the coming flush. Answers
  //   sent     nothing older is left over;
  //   queued   something is, the entry waits behind it;
  //   dropped  not queued: `policy` is drop and something is left over, or max_queue would be passed (then
  //            on_end follows with the next flush);
  //   closed   the stream is over.
  // `key` is what Policy::latest goes by. While the loop's budget is spent, high_water stands for max_queue.
  SendResult write(std::span<const Piece> entry, Policy policy = Policy::queue, std::string_view key = {});
  SendResult write(std::string_view bytes) {
    const Piece piece{bytes};
    return write(std::span(&piece, 1));
  }

  // Bytes queued that the kernel has not taken.
  [[nodiscard]] std::size_t buffered() const noexcept;

  // True if an earlier flush could not hand on everything.
  [[nodiscard]] bool has_left_over() const noexcept { return output_ && output_->is_left_over; }

  // True from the write that passed high_water until on_drain.
  [[nodiscard]] bool owes_drain() const noexcept { return output_ && output_->above_high_water; }

  // Stops and goes on reading; a pause that is not needed costs nothing.
  void pause() noexcept;
  void resume() noexcept;

  // Takes `stream` from its owner: sends what is queued, then shuts down the sending side, reads and discards
  // until the peer ends or `grace` has passed in which it took nothing, and closes. Closing with unread input
  // would send RST and the peer might never see what was sent last. The handler hears nothing any more.
  static void finish(StreamPtr stream, Milliseconds grace);

  // Empty once the connection is gone.
  [[nodiscard]] Address peer() const;

  // True if the peer has ended or reset the connection, also where the loop has not got round to tell: asks
  // the kernel. For what happened on several connections and must be told in its order.
  [[nodiscard]] bool has_peer_left() const noexcept;

  void set_settings(const Settings& settings) noexcept { settings_ = &settings; }
  [[nodiscard]] Loop& loop() const noexcept { return loop_; }

 private:
  friend class Loop;
  friend struct StreamClose;
  class Finish;
  class StallWatch;

  Stream(Loop& loop, const Settings& settings) noexcept;
  ~Stream();

  void close() noexcept;
  void release_output() noexcept;
  void charge();
  void end_for_budget() { fail(Error::over_budget); }
  [[nodiscard]] std::error_code refuse(std::size_t total) const noexcept;
  void flush();
  [[nodiscard]] bool send_now(OutputQueue& queue);
  void send_later();
  void on_written(int status);
  void on_read_result(ssize_t length, const uv_buf_t* buffer);
  void fail(std::error_code error);
  void tell_end(std::error_code error);
  void watch_for_stall();
  void shut_down();
  [[nodiscard]] std::uint64_t bytes_taken() const noexcept;
  [[nodiscard]] uv_stream_t* uv() noexcept { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  uv_tcp_t tcp_{};
  Loop& loop_;
  const Settings* settings_;
  StreamHandler* handler_ = nullptr;
  std::unique_ptr<Output> output_;
  std::unique_ptr<StallWatch> stall_watch_;  // only above high_water
  std::error_code error_;                    // the stream has failed; on_end follows with the next flush
  std::uint32_t flush_index_ = 0;
  bool in_flush_list_ = false;
  bool is_closing_ = false;
  bool has_ended_ = false;   // the peer sends nothing more
  bool is_told_ = false;     // on_end has been called since start()
  bool shuts_down_ = false;  // half-close once everything is sent
};

}  // namespace banter::loop
