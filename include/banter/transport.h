// What carries a client's packets.
#pragma once

#include <cstdint>
#include <string_view>

namespace banter {

enum class Transport : std::uint8_t {
  polling,    // Engine.IO over HTTP requests
  websocket,  // Engine.IO over a WebSocket
  native,     // plain JSON events over a WebSocket
};

[[nodiscard]] constexpr std::string_view to_text(Transport transport) noexcept {
  switch (transport) {
    case Transport::polling: return "polling";
    case Transport::websocket: return "websocket";
    case Transport::native: return "native";
  }
  return "";
}

}  // namespace banter
