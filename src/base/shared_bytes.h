// Immutable bytes that many output queues share: a broadcast is encoded once and sent from here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

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

 private:
  struct Block {
    virtual ~Block() = default;
    std::atomic<std::uint32_t> owners{1};
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
