#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The WebSocket frames (RFC 6455 section 5.2) of this client: it sends and receives whole messages only.
namespace bench {

enum class Opcode : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };

// Longest payload of a frame this client sends or takes: lengths of 64 bits are not implemented.
inline constexpr std::size_t max_frame_payload = 65'535;

// Appends one masked frame to `out`. Each frame has another mask, so that no server can take them for equal.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

struct ServerFrame {
  Opcode opcode;
  std::string_view payload;  // points into the input
  std::size_t size;          // of the whole frame, header included
};

// Reads the frame at the front of `input`; empty if it is not complete yet. Throws Failure if it is a
// fragment, masked, uses reserved bits, an unknown opcode or a length that is too long or not minimal.
std::optional<ServerFrame> read_frame(std::string_view input);

}  // namespace bench
