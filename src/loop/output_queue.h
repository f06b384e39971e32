// What a stream has yet to send: entries of small copied pieces and shared slices.
//
// An entry is one packet with all its attachments; it goes out whole or not at all. Short pieces are copied
// into the queue's own chunk, long shared ones are kept by reference and gathered when they are sent. Of a
// chunk that has become long the queue makes a shared piece.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/shared_bytes.h"
#include "loop/ledger.h"

namespace banter::loop {

// What may happen to an entry when the peer does not keep up.
enum class Policy : std::uint8_t {
  queue,   // waits its turn; never left out of a stream that goes on
  drop,    // not queued at all while anything older is left over
  latest,  // takes out the older entry with its key, unless that has begun to leave
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

  OutputQueue() noexcept;
  OutputQueue(OutputQueue&&) noexcept;
  OutputQueue& operator=(OutputQueue&&) noexcept;
  ~OutputQueue();

  void append(std::span<const Piece> entry);

  // The same for an entry that remove() finds by its key.
  void append_latest(std::span<const Piece> entry, std::string_view key);

  // Takes out the entry with that key, unless its first byte was consumed or is pinned.
  void remove(std::string_view key);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  // The first slices, for a gathering write; valid until the next call of another member. At most max_gather
  // and `max_bytes`.
  [[nodiscard]] std::span<uv_buf_t> front(std::size_t max_bytes = SIZE_MAX);

  // What front() gave last is on its way: its entries stay until consume() is called.
  void pin() noexcept { pinned_ = gathered_end_; }

  // Drops `count` bytes from the front; at most size().
  void consume(std::size_t count);

  // From now on, until the queue is empty, what it holds is charged: its own bytes, and shared ones once for
  // all queues that hold them. The budget outlives the queue; null charges nobody.
  void charge_to(base::Budget* budget);
  void uncharge() noexcept;

  // All of it in a row; afterwards it is empty.
  [[nodiscard]] std::string take();

  // Bytes of memory it holds, those of shared pieces not counted.
  [[nodiscard]] std::size_t memory() const noexcept;

  // Forgets everything and gives back memory above a small reserve.
  void clear();

 private:
  struct Slice {
    base::SharedBytes shared;  // empty: the bytes lie in chunk_
    std::size_t offset = 0;    // into the shared bytes or chunk_
    std::size_t length = 0;    // 0: sent, or taken out
  };
  struct Keys;  // where the entries with a key are

  void append_slice_from(std::size_t begin);
  void seal_chunk();
  void append_shared(const base::SharedBytes& shared, std::string_view bytes);
  void drop(Slice& slice) noexcept;
  void close_gaps();
  [[nodiscard]] const char* data_of(const Slice& slice) const noexcept;

  std::string chunk_;
  std::vector<Slice> slices_;
  std::size_t first_ = 0;   // slices before it are sent
  std::size_t pinned_ = 0;  // slices before it must stay
  std::size_t sealed_ = 0;  // slices before it have no bytes in chunk_
  std::size_t size_ = 0;
  std::vector<uv_buf_t> gathered_;
  std::size_t gathered_end_ = 0;  // slices before it are in gathered_
  std::unique_ptr<Keys> keys_;    // null while no entry has a key
  base::Charge charge_;           // for the bytes of chunk_
  base::Budget* budget_ = nullptr;
};

// A stream's two queues, and the request that sends what the kernel did not take at once. Lent to a stream
// while it has output, so that idle connections hold none.
struct Output {
  // Takes out the older entry with a key, wherever it is.
  void remove(std::string_view key) {
    in_flight.remove(key);
    waiting.remove(key);
  }
  // The stream closes: keeps no more than what `request` needs until libuv has given it up, which is soon.
  void forget() {
    account.reset();
    waiting.clear();
    in_flight.uncharge();
  }
  [[nodiscard]] std::size_t size() const noexcept { return in_flight.size() + waiting.size(); }

  OutputQueue in_flight;  // goes first; not appended to while `request` is under way
  OutputQueue waiting;
  uv_write_t request{};
  std::size_t requested = 0;       // bytes of in_flight that `request` sends
  std::uint64_t written = 0;       // bytes the kernel has taken, ever
  bool is_writing = false;         // `request` is under way
  bool is_left_over = false;       // an earlier flush could not hand on everything
  bool above_high_water = false;   // on_drain is owed
  std::optional<Account> account;  // while it is charged
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
