// What became of something that was sent.
#pragma once

#include <string_view>

namespace banter {

enum class SendResult {
  sent,     // leaves with this turn's flush; nothing older is left over
  queued,   // waits behind bytes the peer has not taken yet, or for its next poll
  posted,   // handed to the connection's Worker, which decides later (the caller is on another thread)
  dropped,  // not sent and never will be: a volatile event, or the queue is full (the connection then ends)
  closed,   // the connection is gone
};

[[nodiscard]] constexpr std::string_view to_text(SendResult result) noexcept {
  switch (result) {
    case SendResult::sent: return "sent";
    case SendResult::queued: return "queued";
    case SendResult::posted: return "posted";
    case SendResult::dropped: return "dropped";
    case SendResult::closed: return "closed";
  }
  return "";
}

}  // namespace banter
