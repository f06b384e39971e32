// What names a socket from anywhere, on any thread, for as long as one likes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "banter/export.h"

namespace banter {

class Port;  // one Worker's mailbox; counted, and outlives its Worker

namespace detail {

BANTER_API void retain(Port& port) noexcept;
BANTER_API void release(Port& port) noexcept;

// A counted reference to a Port; may be empty.
class PortRef {
 public:
  PortRef() noexcept = default;
  explicit PortRef(Port& port) noexcept : port_(&port) { retain(port); }
  PortRef(const PortRef& other) noexcept : port_(other.port_) {
    if (port_) retain(*port_);
  }
  PortRef(PortRef&& other) noexcept : port_(std::exchange(other.port_, nullptr)) {}
  PortRef& operator=(PortRef other) noexcept {
    std::swap(port_, other.port_);
    return *this;
  }
  ~PortRef() {
    if (port_) release(*port_);
  }

  [[nodiscard]] Port* get() const noexcept { return port_; }
  Port* operator->() const noexcept { return port_; }
  Port& operator*() const noexcept { return *port_; }
  explicit operator bool() const noexcept { return port_ != nullptr; }

 private:
  Port* port_ = nullptr;
};

// A place in a table of one Worker, and which of its tenants is meant.
struct Slot {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  // 0 names nobody

  friend bool operator==(const Slot&, const Slot&) = default;
};

// Characters of a Socket.IO id.
inline constexpr std::size_t socket_id_size = 20;

// The contents of a Socket handle.
struct SocketRef {
  PortRef port;
  Slot slot;
  std::uint32_t nsp = 0;  // the id of its namespace
  std::array<char, socket_id_size> id{};

  [[nodiscard]] std::string_view id_view() const noexcept { return {id.data(), id.size()}; }
};

}  // namespace detail
}  // namespace banter
