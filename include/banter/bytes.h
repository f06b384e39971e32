// Bytes: owned binary data, the value that travels as a Socket.IO attachment.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace banter {

// Somebody else's bytes.
using BytesView = std::span<const std::byte>;

// The bytes of `text`, and text over bytes; both look at the same memory.
[[nodiscard]] inline BytesView as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(BytesView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Owned binary data. As a handler's parameter or an argument of `emit` it is one attachment, not JSON.
//
// Threads: a plain value. Compared by content.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::vector<std::byte> bytes) noexcept : bytes_(std::move(bytes)) {}
  explicit Bytes(BytesView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  explicit Bytes(std::string_view text) : Bytes(as_bytes(text)) {}

  [[nodiscard]] const std::byte* data() const noexcept { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  // Views of this value's bytes; valid until it is changed or destroyed.
  [[nodiscard]] BytesView span() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view text() const noexcept { return as_text(bytes_); }

  // Gives the memory away; this value is empty afterwards.
  [[nodiscard]] std::vector<std::byte> take() noexcept { return std::exchange(bytes_, {}); }

  friend bool operator==(const Bytes&, const Bytes&) = default;

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace banter
