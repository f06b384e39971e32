// Opcodes of RFC 6455 section 5.2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "banter/message_kind.h"

namespace banter::websocket {

enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

// RFC 6455 section 5.5: a control frame's payload is at most this long.
inline constexpr std::size_t max_control_payload = 125;

[[nodiscard]] constexpr bool is_known(Opcode opcode) noexcept {
  return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

// Control frames may come between the fragments of a message.
[[nodiscard]] constexpr bool is_control(Opcode opcode) noexcept {
  return opcode >= Opcode::close;
}

[[nodiscard]] constexpr Opcode opcode_of(MessageKind kind) noexcept {
  return kind == MessageKind::text ? Opcode::text : Opcode::binary;
}

}  // namespace banter::websocket
