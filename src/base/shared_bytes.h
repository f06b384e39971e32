// Immutable bytes that many output queues share: a broadcast is encoded once and sent from here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/budget.h"

namespace banter::base {

// A counted reference; copying one adds an owner. Any thread may hold and drop one.
class SharedBytes {
 public:
  SharedBytes() noexcept = default;

  // Takes over `container` (a std::string, Bytes, …) without copying what it holds.
  template <class Container>
  [[nodiscard]] static SharedBytes take(Container container) {
    auto holder = std::make_unique<Holder<Container>>(std::move(container));
    holder->bytes = {reinterpret_cast<const char*>(holder->container.data()), holder->container.size()};
    SharedBytes shared;
    shared.block_ = holder.release();
    return shared;
  }

  SharedBytes(const SharedBytes& other) noexcept : block_(other.block_) {
    if (block_) block_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  SharedBytes(SharedBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBytes() {
    if (block_ && block_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete block_;
  }

  [[nodiscard]] std::string_view view() const noexcept { return block_ ? block_->bytes : std::string_view{}; }
  explicit operator bool() const noexcept { return block_ != nullptr; }

  // Charges the bytes to a budget, the same for all owners, each call to be matched by a release: however
  // often they are charged, they count once. Not for an empty reference.
  void charge_to(Budget& budget) const noexcept {
    if (block_->charges.fetch_add(1, std::memory_order_acq_rel) == 0) budget.charge(block_->bytes.size());
  }
  void release_from(Budget& budget) const noexcept {
    if (block_->charges.fetch_sub(1, std::memory_order_acq_rel) == 1) budget.release(block_->bytes.size());
  }

 private:
  struct Block {
    virtual ~Block() = default;
    std::atomic<std::uint32_t> owners{1};
    std::atomic<std::uint32_t> charges{0};  // of these: what a budget has been charged with
    std::string_view bytes;
  };
  template <class Container>
  struct Holder final : Block {
    explicit Holder(Container taken) : container(std::move(taken)) {}
    Container container;
  };

  Block* block_ = nullptr;
};

}  // namespace banter::base
