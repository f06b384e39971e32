// The bytes that the whole process may keep for others: what slow clients have not taken, what waits in
// mailboxes, packets whose parts are still arriving, logs of events.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace banter::base {

// A sum and its limit. Nothing is refused here: it says that it is spent, and whoever can give up something
// does. Any thread may call any member.
class Budget {
 public:
  explicit Budget(std::size_t limit) noexcept : limit_(limit) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  void charge(std::size_t bytes) noexcept { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void release(std::size_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] bool is_spent() const noexcept { return used() > limit_; }
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

  // Events that were not taken from another thread because it was spent.
  void count_refusal() noexcept { refusals_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refusals_.load(std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::uint64_t> refusals_{0};
};

// Bytes charged to a budget until this goes. Movable; belongs to one thread at a time. The budget outlives
// it; one without a budget charges nobody.
class Charge {
 public:
  Charge() noexcept = default;
  explicit Charge(Budget* budget, std::size_t bytes = 0) noexcept : budget_(budget) { resize(bytes); }
  Charge(Charge&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge() { resize(0); }

  // From now on so many bytes.
  void resize(std::size_t bytes) noexcept {
    if (budget_ && bytes > bytes_) budget_->charge(bytes - bytes_);
    if (budget_ && bytes < bytes_) budget_->release(bytes_ - bytes);
    bytes_ = bytes;
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  Budget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace banter::base
