// Engine.IO packets, revision 4: a type character and a payload, or bare binary data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "banter/bytes.h"

namespace banter::engine {

enum class PacketType : char {
  open = '0',
  close = '1',
  ping = '2',
  pong = '3',
  message = '4',
  upgrade = '5',
  noop = '6',
};

// A packet of text. `payload` looks into what was read.
struct Packet {
  PacketType type;
  std::string_view payload;
};

// Nothing if it is empty or of an unknown type. A binary packet in base64 ("b…") is not read here.
[[nodiscard]] constexpr std::optional<Packet> read_packet(std::string_view text) noexcept {
  if (text.empty() || text[0] < '0' || text[0] > '6') return std::nullopt;
  return Packet{static_cast<PacketType>(text[0]), text.substr(1)};
}

// "bAQIDBA==": binary data for a peer or a transport that takes only text.
inline constexpr char base64_mark = 'b';

// What the open packet tells the client.
struct Opening {
  std::string_view sid;
  bool offers_websocket = false;  // as an upgrade
  std::int64_t ping_interval_ms = 0;
  std::int64_t ping_timeout_ms = 0;
  std::size_t max_payload = 0;
};
[[nodiscard]] std::string open_packet(const Opening& opening);

}  // namespace banter::engine
