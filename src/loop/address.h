// The numeric address of one end of a connection.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace banter::loop {

struct Address {
  std::string host;  // "127.0.0.1", "::1"; an IPv4 peer of a dual-stack socket is shown as IPv4
  std::uint16_t port = 0;
};

// An empty host for anything but IPv4 and IPv6.
[[nodiscard]] Address to_address(const sockaddr_storage& storage);

}  // namespace banter::loop
