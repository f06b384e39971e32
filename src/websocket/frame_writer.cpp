#include "websocket/frame_writer.h"

#include <cassert>

#include "base/utf8.h"

namespace banter::websocket {

FrameHeader::FrameHeader(Opcode opcode, std::uint64_t length) noexcept {
  bytes_[0] = static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));  // FIN
  const std::size_t extended = length < 126 ? 0 : length <= 0xFFFF ? 2 : 8;
  bytes_[1] = static_cast<char>(extended == 0 ? length : extended == 2 ? 126 : 127);
  for (std::size_t i = 0; i < extended; ++i) {
    bytes_[2 + i] = static_cast<char>(length >> (8 * (extended - 1 - i)) & 0xFF);  // network byte order
  }
  size_ = static_cast<std::uint8_t>(2 + extended);
}

std::string_view fitting_reason(std::string_view reason) noexcept {
  if (!base::is_valid_utf8(reason)) return {};
  if (reason.size() <= max_close_reason) return reason;
  std::size_t end = max_close_reason;
  while ((static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80)
    --end;  // not inside a character
  return reason.substr(0, end);
}

std::string close_payload(CloseCode code, std::string_view reason) {
  if (code == CloseCode::no_status) return {};
  assert(is_allowed_on_wire(code));
  std::string payload{static_cast<char>(to_number(code) >> 8), static_cast<char>(to_number(code) & 0xFF)};
  return payload.append(fitting_reason(reason));
}

void append_message(std::string& out, MessageKind kind, std::string_view payload) {
  out.append(FrameHeader(opcode_of(kind), payload.size()).view()).append(payload);
}

}  // namespace banter::websocket
