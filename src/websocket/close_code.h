// Close codes of RFC 6455 section 7.4.
#pragma once

#include <cstdint>

namespace banter::websocket {

// Any number can be held, as CloseCode{4401}: 3000-3999 are registered, 4000-4999 the application's own.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  // never on the wire: stands for a close frame without a code
  abnormal = 1006,   // never on the wire: stands for a connection that ended without a close frame
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  internal_error = 1011,
};

[[nodiscard]] constexpr std::uint16_t to_number(CloseCode code) noexcept {
  return static_cast<std::uint16_t>(code);
}

// True if a close frame may carry `code`: 1000-1003, 1007-1014 (IANA's registry, as of RFC 6455
// section 7.4.2), 3000-4999.
[[nodiscard]] constexpr bool is_allowed_on_wire(CloseCode code) noexcept {
  const std::uint16_t number = to_number(code);
  return (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) ||
         (number >= 3000 && number <= 4999);
}

}  // namespace banter::websocket
