// What becomes of a client that comes back: connection state recovery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "banter/export.h"

namespace banter {

// Why a client's socket is a fresh one.
enum class RecoveryFailure : std::uint8_t {
  none,             // it is not: the client has its rooms, its data and what it missed
  not_asked,        // recovery is off, or the client came for the first time
  no_offset,        // it never received an event from which one could go on
  bad_request,      // what it asked with is not of the kind that was given to it
  unknown_session,  // left in an orderly way, restored already, evicted, or never known
  expired,          // away for longer than RecoveryOptions::max_duration
  offset_gone,      // what it missed is no longer in the log, or never was
  too_much,         // what it missed does not fit into its queue (Options::max_queue)
};
inline constexpr std::size_t recovery_failures = 8;

[[nodiscard]] BANTER_API std::string_view to_text(RecoveryFailure failure) noexcept;

}  // namespace banter
