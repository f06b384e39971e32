// Error codes that applications meet, and the report of what went wrong in a handler.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "banter/export.h"

namespace banter {

// How an acknowledgement that was asked for can fail.
enum class AckError {
  timeout = 1,   // no answer within the deadline
  disconnected,  // the socket or its Worker went first
  bad_reply,     // the answer does not fit the callback's parameters
};

[[nodiscard]] BANTER_API const std::error_category& ack_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(AckError error) noexcept {
  return {static_cast<int>(error), ack_category()};
}

// Something that went wrong in, or on the way to, a handler. Valid until the on_error handler returns.
struct Problem {
  enum class Where {
    event,       // arguments that do not fit the handler, or the handler threw
    connection,  // a connection, disconnecting or disconnect handler threw
    middleware,  // a middleware threw, or refused an event
    ack,         // a callback threw, its answer does not fit, or none came
    http,        // an HTTP, raw WebSocket or bare Engine.IO handler threw
    task,        // something posted or timed threw
    origin,      // a page's origin was refused: `text` names the option that would let it in
    loop,        // the loop stood still for longer than Options::stall_threshold
    limit,       // a limit of Options was reached: `text` names it
  };

  Where where = Where::event;
  std::string_view nsp;        // the namespace, empty outside of one
  std::string_view socket_id;  // empty if no socket is concerned
  std::string_view event;      // the event's name, or the route
  std::size_t position = 0;    // of the argument that does not fit, from 0
  std::string text;            // what is wrong, in words
  std::exception_ptr exception;
};

}  // namespace banter

template <>
struct std::is_error_code_enum<banter::AckError> : std::true_type {};
