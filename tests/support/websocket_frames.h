// Frames as a client writes them, right and wrong ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace banter::test {

struct FrameOptions {
  bool is_final = true;
  std::uint8_t reserved = 0;                   // the bits 0x40, 0x20, 0x10 of the first byte
  std::string_view mask = "\xa1\xb2\xc3\xd4";  // empty: not masked
};

// The header for a payload of `length` bytes, in the shortest form.
inline std::string client_header(unsigned opcode, std::uint64_t length, FrameOptions options = {}) {
  std::string header;
  header += static_cast<char>((options.is_final ? 0x80 : 0) | options.reserved | opcode);
  const int extended = length < 126 ? 0 : length <= 0xFFFF ? 2 : 8;
  const std::uint64_t first = extended == 0 ? length : extended == 2 ? 126 : 127;
  header += static_cast<char>((options.mask.empty() ? 0 : 0x80) | first);
  for (int i = extended; i-- > 0;)
    header += static_cast<char>(length >> (8 * i));
  return header.append(options.mask);
}

inline std::string client_frame(unsigned opcode, std::string_view payload, FrameOptions options = {}) {
  std::string frame = client_header(opcode, payload.size(), options);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(options.mask.empty() ? payload[i] : payload[i] ^ options.mask[i % 4]);
  }
  return frame;
}

inline std::string client_text(std::string_view text) {
  return client_frame(0x1, text);
}
inline std::string client_binary(std::string_view bytes) {
  return client_frame(0x2, bytes);
}
inline std::string client_ping(std::string_view payload = {}) {
  return client_frame(0x9, payload);
}

// `code` 0: without payload.
inline std::string client_close(std::uint16_t code = 0, std::string_view reason = {}) {
  if (code == 0) return client_frame(0x8, {});
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return client_frame(0x8, payload.append(reason));
}

}  // namespace banter::test
