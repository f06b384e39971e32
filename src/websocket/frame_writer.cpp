#include "websocket/frame_writer.h"

#include <cassert>

#include "base/utf8.h"

namespace banter::websocket {

FrameHeader::FrameHeader(Opcode opcode, std::uint64_t length, PayloadCoding coding) noexcept {
  const int bits = coding == PayloadCoding::deflated ? 0xC0 : 0x80;  // FIN, RSV1
  bytes_[0] = static_cast<char>(bits | static_cast<std::uint8_t>(opcode));
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

WrittenMessage take_message(std::string_view& frames) noexcept {
  const auto byte = [&frames](std::size_t index) { return static_cast<std::uint8_t>(frames[index]); };
  const auto opcode = static_cast<Opcode>(byte(0) & 0x0F);
  assert((byte(0) & 0xF0) == 0x80 && (opcode == Opcode::text || opcode == Opcode::binary));
  std::size_t length = byte(1);
  const std::size_t extended = length < 126 ? 0 : length == 126 ? 2 : 8;
  if (extended > 0) length = 0;
  for (std::size_t i = 0; i < extended; ++i)
    length = length << 8 | byte(2 + i);
  const std::string_view payload = frames.substr(2 + extended, length);
  frames.remove_prefix(2 + extended + length);
  return {opcode == Opcode::text ? MessageKind::text : MessageKind::binary, payload};
}

}  // namespace banter::websocket
