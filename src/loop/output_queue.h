// What a stream has yet to send: entries of small copied pieces and shared slices.
//
// An entry is one packet with all its attachments; it goes out whole or not at all. Short pieces are copied
// into the queue's own chunk, long shared ones are kept by reference and gathered when they are sent.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.h"

namespace banter::loop {

// What may happen to an entry when the peer does not keep up.
enum class Policy : std::uint8_t {
  queue,  // waits its turn; never left out of a stream that goes on
  drop,   // not queued at all while anything older is left over
};

// Part of an entry: bytes to copy, or, with `shared`, bytes inside it that may be kept by reference.
struct Piece {
  std::string_view bytes;
  const base::SharedBytes* shared = nullptr;
};

// A run of bytes in sending order. Not thread-safe; belongs to one stream.
class OutputQueue {
 public:
  static constexpr std::size_t copy_limit = 256;  // a shared piece up to this length is copied all the same
  static constexpr std::size_t max_gather = 64;   // slices in one system call

  void append(std::span<const Piece> entry);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  // The first slices, for a gathering write; valid until the next call of another member. At most max_gather
  // and `max_bytes`.
  [[nodiscard]] std::span<uv_buf_t> front(std::size_t max_bytes = SIZE_MAX);

  // Drops `count` bytes from the front; at most size().
  void consume(std::size_t count);

  // Bytes of memory it holds, those of shared pieces not counted.
  [[nodiscard]] std::size_t memory() const noexcept;

  // Forgets everything and gives back memory above a small reserve.
  void clear();

 private:
  struct Slice {
    base::SharedBytes shared;  // empty: the bytes lie in chunk_
    std::size_t offset = 0;    // into the shared bytes or chunk_
    std::size_t length = 0;
  };

  void append_slice_from(std::size_t begin);
  [[nodiscard]] const char* data_of(const Slice& slice) const noexcept;

  std::string chunk_;
  std::vector<Slice> slices_;
  std::size_t first_ = 0;  // slices before it are sent
  std::size_t size_ = 0;
  std::vector<uv_buf_t> gathered_;
};

// A stream's two queues, and the request that sends what the kernel did not take at once. Lent to a stream
// while it has output, so that idle connections hold none.
struct Output {
  [[nodiscard]] std::size_t size() const noexcept { return in_flight.size() + waiting.size(); }

  OutputQueue in_flight;  // goes first; not appended to while `request` is under way
  OutputQueue waiting;
  uv_write_t request{};
  std::size_t requested = 0;      // bytes of in_flight that `request` sends
  std::uint64_t written = 0;      // bytes the kernel has taken, ever
  bool is_writing = false;        // `request` is under way
  bool is_left_over = false;      // an earlier flush could not hand on everything
  bool above_high_water = false;  // on_drain is owed
};

// Keeps a few drained Outputs for the next stream that sends.
class OutputPool {
 public:
  [[nodiscard]] std::unique_ptr<Output> take();
  void give_back(std::unique_ptr<Output> output);

 private:
  static constexpr std::size_t kept = 64;
  std::vector<std::unique_ptr<Output>> free_;
};

}  // namespace banter::loop
