// Payloads of long-polling: packets in a row, a record separator between two.
//
//   payload = packet *( %x1E packet )
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "banter/bytes.h"

namespace banter::engine {

inline constexpr char packet_separator = '\x1E';

// Takes a payload apart, in one pass and without copying. Every payload has at least one packet: an empty
// one, or two separators in a row, make empty packets, which are invalid.
class PayloadReader {
 public:
  // `payload` must outlive the reader and the packets.
  explicit PayloadReader(std::string_view payload) noexcept : rest_(payload) {}

  // The next packet as it was sent, binary data still in base64; nothing behind the last one.
  [[nodiscard]] std::optional<std::string_view> next() noexcept;

 private:
  std::string_view rest_;
  bool is_over_ = false;
};

// Append a packet to a payload, which may be empty. A separator inside of a message, which would begin
// another packet, becomes a blank; JSON never has one.
void append_packet(std::string& payload, std::string_view packet);
void append_message(std::string& payload, std::span<const std::string_view> parts);
void append_binary(std::string& payload, BytesView bytes);

}  // namespace banter::engine
