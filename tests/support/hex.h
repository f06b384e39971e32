// Literal bytes in tests, as the documents print them.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace banter::test {

// "81 85 a1" as three bytes. Blanks may stand anywhere between two bytes.
inline std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
    i += 2;
  }
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 0x0F];
  }
  return text;
}

}  // namespace banter::test
