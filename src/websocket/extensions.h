// Which of the extensions that a client offers is used: permessage-deflate, or none (RFC 6455 section 9.1,
// RFC 7692 section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "websocket/header_field.h"

namespace banter::websocket {

// How messages are compressed, and what is agreed to.
struct DeflateSettings {
  // Shorter messages are sent as they are, in bytes.
  std::size_t threshold = 1024;

  // Largest window of either side, as a power of two: 9 to 15. A client is told only if it offers
  // client_max_window_bits; else its window is 15.
  int window_bits = 15;

  // Memory of a compressor, 2^(memory_level + 9) bytes beside 2^(window_bits + 2): 1 to 9.
  int memory_level = 8;

  // From 0 (not compressed at all) to 9 (smallest, slowest).
  int level = 6;

  // Whether both sides may refer to earlier messages, unless the client asks otherwise: smaller messages, for
  // a compressor (256 KiB with the settings above) and an inflater (40 KiB) per connection once they are
  // used. Without it no connection has either, and a message to many is compressed once.
  bool context_takeover = false;
};

// What both sides know of a connection with permessage-deflate.
struct DeflateAgreement {
  std::uint8_t server_window_bits = 15;  // 9 to 15, for what we send
  std::uint8_t client_window_bits = 15;  // 8 to 15
  bool server_keeps_context = false;
  bool client_keeps_context = false;

  bool operator==(const DeflateAgreement&) const = default;
};

struct DeflateAnswer {
  DeflateAgreement agreement;
  std::string extensions;  // the value of Sec-WebSocket-Extensions
};

// The first acceptable offer in the Sec-WebSocket-Extensions lines among `fields`, which form one list.
// Nothing if there is none, or if the list is ill-formed. Takes time linear in the length of the lines.
[[nodiscard]] std::optional<DeflateAnswer> negotiate_deflate(std::span<const Field> fields,
                                                             const DeflateSettings& settings);

}  // namespace banter::websocket
