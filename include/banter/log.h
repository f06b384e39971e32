// What a server has to say to its operator: the lines that Server::on_log hears.
#pragma once

#include <cstdint>
#include <string_view>

#include "banter/export.h"
#include "banter/reason.h"

namespace banter {

enum class LogLevel : std::uint8_t {
  error,    // a handler failed, and there is no on_error to hear of it
  warning,  // a client was refused or cut off, or the loop stood still
  info,     // the server listens or closes; a client left
  debug,    // requests that were answered with an error
};

[[nodiscard]] BANTER_API std::string_view to_text(LogLevel level) noexcept;

// One line. Valid until the handler returns.
struct LogRecord {
  LogLevel level;
  Layer layer;                 // where it was noticed
  std::string_view text;       // in words, with the values that matter; no line break of ours
  std::string_view nsp;        // the namespace, empty outside of one
  std::string_view socket_id;  // empty if no socket is concerned
  std::string_view address;    // of the client, if it is known
};

}  // namespace banter
