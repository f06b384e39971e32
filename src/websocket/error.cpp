#include "websocket/error.h"

#include <string>

namespace banter::websocket {

namespace {

// These texts also go to the peer as the reason in the close frame, which has room for 123 bytes.
const char* text_of(Error error) noexcept {
  switch (error) {
    case Error::reserved_bit: return "reserved bit set (RFC 6455 section 5.2)";
    case Error::reserved_opcode: return "reserved opcode (RFC 6455 section 5.2)";
    case Error::not_masked: return "frame not masked (RFC 6455 section 5.1)";
    case Error::length_not_minimal: return "length not in its shortest form (RFC 6455 section 5.2)";
    case Error::length_out_of_range: return "top bit of the length set (RFC 6455 section 5.2)";
    case Error::control_fragmented: return "fragmented control frame (RFC 6455 section 5.5)";
    case Error::control_too_long: return "control frame longer than 125 bytes (RFC 6455 section 5.5)";
    case Error::nothing_to_continue: return "continuation frame without a message (RFC 6455 section 5.4)";
    case Error::message_not_finished: return "new message inside a fragmented one (RFC 6455 section 5.4)";
    case Error::text_not_utf8: return "text message is not UTF-8 (RFC 6455 section 8.1)";
    case Error::close_payload_too_short: return "close frame with half a code (RFC 6455 section 5.5.1)";
    case Error::close_code_not_allowed: return "close code not allowed (RFC 6455 section 7.4)";
    case Error::close_reason_not_utf8: return "close reason is not UTF-8 (RFC 6455 section 5.5.1)";
    case Error::message_too_big: return "message too big";
    case Error::too_many_fragments: return "message in too many fragments";
    case Error::corrupt_deflate: return "corrupt compressed message (RFC 7692 section 7.2.2)";
    case Error::inflated_too_big: return "compressed message inflates too big";
  }
  return "unknown error";
}

class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "websocket"; }
  [[nodiscard]] std::string message(int value) const override { return text_of(static_cast<Error>(value)); }
};

}  // namespace

const std::error_category& websocket_category() noexcept {
  static const Category category;
  return category;
}

CloseCode close_code_for(Error error) noexcept {
  switch (error) {
    case Error::text_not_utf8:
    case Error::close_reason_not_utf8:
    case Error::corrupt_deflate: return CloseCode::invalid_payload;
    case Error::inflated_too_big:
    case Error::message_too_big: return CloseCode::message_too_big;
    case Error::too_many_fragments: return CloseCode::policy_violation;
    default: return CloseCode::protocol_error;
  }
}

}  // namespace banter::websocket
