// What a Worker's WebSocket connections have done, for metrics.
#pragma once

#include <atomic>
#include <cstdint>

namespace banter::websocket {

// A number with one writing thread; any thread may read it.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Written by the thread of one loop.
struct Counters {
  Counter messages_received;
  Counter message_bytes_received;
  Counter messages_sent;    // queued for sending
  Counter pings_received;
  Counter pongs_left_out;   // pings not answered because the peer did not read the answers to earlier ones
  Counter protocol_errors;  // connections ended by an Error of this layer
};

}  // namespace banter::websocket
