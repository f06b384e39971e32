// The numeric address of one end of a connection.
#pragma once

#include <sys/socket.h>

#include "banter/address.h"

namespace banter::loop {

// An IPv4 peer of a dual-stack socket is shown as IPv4. An empty host for anything but IPv4 and IPv6.
[[nodiscard]] Address to_address(const sockaddr_storage& storage);

}  // namespace banter::loop
