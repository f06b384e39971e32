// Socket.IO packets, revision 5.
//
//   packet = type [ count "-" ] [ nsp "," ] [ id ] [ json ]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "banter/raw_argument.h"

namespace banter::socketio {

enum class PacketType : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack
};

// Limits of what is accepted; beyond them a packet is invalid.
inline constexpr std::size_t max_namespace_length = 1024;
inline constexpr std::uint64_t max_ack_id = (std::uint64_t{1} << 53) - 1;  // what JavaScript counts exactly

// A packet that was read. Its views look into the text it was read from.
struct Packet {
  PacketType type = PacketType::connect;
  std::size_t attachments = 0;  // that follow as binary messages
  std::string_view nsp;         // "/" if none was written
  std::optional<std::uint64_t> id;
  std::string_view data;  // JSON, checked; empty if there was none

  // Of events and acks: the arguments' JSON texts, and the event's name.
  std::vector<std::string_view> arguments;
  detail::TextStorage name;

  [[nodiscard]] bool is_event() const noexcept {
    return type == PacketType::event || type == PacketType::binary_event;
  }
};

// Reads and checks all of `text` but what its attachments decide. `packet` is filled anew; its memory is
// reused. An error means that the packet is invalid and says which rule it breaks. Linear in the text.
[[nodiscard]] std::error_code read_packet(std::string_view text, std::size_t max_attachments, Packet& packet);

// Names that no event may have: they belong to the library.
[[nodiscard]] bool is_reserved_event(std::string_view name) noexcept;

// Appends what stands in front of a packet's JSON.
void append_head(std::string& out, PacketType type, std::size_t attachments, std::string_view nsp,
                 std::optional<std::uint64_t> id);

}  // namespace banter::socketio
