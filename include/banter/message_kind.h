// The two kinds of WebSocket messages.
#pragma once

#include <cstdint>

namespace banter {

enum class MessageKind : std::uint8_t {
  text,    // valid UTF-8
  binary,  // any bytes
};

}  // namespace banter
