// Plain JSON events over a native WebSocket: one object a message.
//
//   {"name":"msg","data":[12,5]}   {"name":"ask","data":[1],"id":7}   {"id":7,"data":["yes"]}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "socketio/packet.h"
#include "socketio/payload.h"

namespace banter::socketio {

// Reads such a message into a packet of type event (it has a name) or ack (it has only an id). Keys come in
// any order, the last of equal ones counts, others are ignored.
[[nodiscard]] std::error_code read_native_packet(std::string_view text, Packet& packet);

// Appends the message for an event or, without a name, an acknowledgement; attachments as base64 strings.
void append_native_packet(std::string& out, const Payload& payload, std::optional<std::uint64_t> id);

}  // namespace banter::socketio
