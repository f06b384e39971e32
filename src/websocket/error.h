// What a peer can do wrong on an open WebSocket, one enumerator per rule, and the close code each is answered
// with.
#pragma once

#include <system_error>

#include "websocket/close_code.h"

namespace banter::websocket {

enum class Error {
  reserved_bit = 1,         // RSV1, RSV2 or RSV3 set where no extension agreed on gives it a meaning
  reserved_opcode,          // an opcode other than 0, 1, 2, 8, 9, 10
  not_masked,               // clients mask every frame
  length_not_minimal,       // a length written in a longer form than it needs
  length_out_of_range,      // the top bit of a 64-bit length is set
  control_fragmented,       // a control frame without FIN
  control_too_long,         // a control frame of more than 125 bytes
  nothing_to_continue,      // a continuation frame outside of a message
  message_not_finished,     // a text or binary frame inside a fragmented message
  text_not_utf8,            // a text message that is not UTF-8
  close_payload_too_short,  // a close frame whose payload is one byte long
  close_code_not_allowed,   // a close code that must not be on the wire
  close_reason_not_utf8,    // a close reason that is not UTF-8
  message_too_big,          // more bytes announced than Limits::max_message
  too_many_fragments,       // more frames in one message than Limits::max_fragments
  corrupt_deflate,          // a compressed message that is not DEFLATE (RFC 7692 section 7.2.2)
  inflated_too_big,         // a compressed message of which more than Limits::max_message comes out
};

[[nodiscard]] const std::error_category& websocket_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), websocket_category()};
}

[[nodiscard]] CloseCode close_code_for(Error error) noexcept;

}  // namespace banter::websocket

template <>
struct std::is_error_code_enum<banter::websocket::Error> : std::true_type {};
