// The rules of Socket.IO that a peer can break. Each of them ends its connection.
#pragma once

#include <system_error>

namespace banter::socketio {

enum class Error {
  empty_packet = 1,
  unknown_type,
  bad_attachment_count,
  too_many_attachments,
  namespace_too_long,
  bad_id,
  bad_json,
  bad_payload,
  bad_event_name,
  reserved_event_name,
  text_while_collecting,
  unexpected_binary,
  bad_placeholder,
  packet_too_big,
  not_connected,
  already_connected,
  unexpected_packet,
  bad_native_message,
  held_too_much,
  event_name_too_long,
};

[[nodiscard]] const std::error_category& category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), category()};
}

}  // namespace banter::socketio

template <>
struct std::is_error_code_enum<banter::socketio::Error> : std::true_type {};
