// Writes frames of a server (RFC 6455 section 5.2): unmasked, unfragmented, lengths in their shortest form.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "banter/message_kind.h"
#include "websocket/close_code.h"
#include "websocket/opcode.h"

namespace banter::websocket {

enum class PayloadCoding : std::uint8_t {
  plain,
  deflated,  // sets RSV1 (RFC 7692 section 6)
};

// The 2 to 10 bytes in front of a payload of `length` bytes.
class FrameHeader {
 public:
  static constexpr std::size_t max_size = 10;

  FrameHeader(Opcode opcode, std::uint64_t length, PayloadCoding coding = PayloadCoding::plain) noexcept;

  // Valid as long as this object stays where it is.
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, max_size> bytes_;
  std::uint8_t size_;
};

// A close frame has room for this much reason behind its code.
inline constexpr std::size_t max_close_reason = max_control_payload - 2;

// `reason` as a close frame can carry it: cut between two characters to max_close_reason bytes; empty if it
// is not UTF-8.
[[nodiscard]] std::string_view fitting_reason(std::string_view reason) noexcept;

// The payload of a close frame; empty for CloseCode::no_status. `reason` goes through fitting_reason.
[[nodiscard]] std::string close_payload(CloseCode code, std::string_view reason = {});

// Appends a whole message, for those that are written once and sent to many.
void append_message(std::string& out, MessageKind kind, std::string_view payload);

struct WrittenMessage {
  MessageKind kind;
  std::string_view payload;  // a view into the frames
};

// Takes the first message off `frames`, which are not empty and append_message's.
[[nodiscard]] WrittenMessage take_message(std::string_view& frames) noexcept;

}  // namespace banter::websocket
