// One end of a connection.
#pragma once

#include <cstdint>
#include <string>

namespace banter {

struct Address {
  std::string host;  // numeric: "127.0.0.1", "::1"
  std::uint16_t port = 0;
};

}  // namespace banter
