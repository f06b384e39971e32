#include "base/base64.h"

#include <array>
#include <cstdint>

namespace banter::base {
namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t not_a_digit = 0xFF;
constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(not_a_digit);
  for (std::size_t i = 0; i < standard.size(); ++i) {
    values[static_cast<unsigned char>(standard[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint32_t value_of(char digit) noexcept {
  return digit_values[static_cast<unsigned char>(digit)];
}

// Up to three bytes as the top of 24 bits.
std::uint32_t group_of(BytesView bytes) noexcept {
  std::uint32_t group = std::to_integer<std::uint32_t>(bytes[0]) << 16;
  if (bytes.size() > 1) group |= std::to_integer<std::uint32_t>(bytes[1]) << 8;
  if (bytes.size() > 2) group |= std::to_integer<std::uint32_t>(bytes[2]);
  return group;
}

// Writes the digits of `bytes`, without padding; returns the end of what it wrote.
char* write_digits(char* out, BytesView bytes, std::string_view alphabet) noexcept {
  while (bytes.size() >= 3) {
    const std::uint32_t group = group_of(bytes.first(3));
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = alphabet[group >> 6 & 63];
    *out++ = alphabet[group & 63];
    bytes = bytes.subspan(3);
  }
  if (bytes.empty()) return out;
  const std::uint32_t group = group_of(bytes);
  *out++ = alphabet[group >> 18];
  *out++ = alphabet[group >> 12 & 63];
  if (bytes.size() == 2) *out++ = alphabet[group >> 6 & 63];
  return out;
}

// The last group of one or two bytes: two or three digits, of which the unused bits are zero.
bool decode_tail(std::string_view digits, std::byte* out) noexcept {
  std::uint32_t group = 0;
  for (const char digit : digits) {
    if (value_of(digit) == not_a_digit) return false;
    group = group << 6 | value_of(digit);
  }
  const std::uint32_t unused_bits = digits.size() == 2 ? 4 : 2;
  if ((group & ((1U << unused_bits) - 1)) != 0) return false;
  group >>= unused_bits;
  if (digits.size() == 3) *out++ = static_cast<std::byte>(group >> 8);
  *out = static_cast<std::byte>(group & 0xFF);
  return true;
}

}  // namespace

void append_base64(std::string& out, BytesView bytes) {
  const std::size_t before = out.size();
  out.resize(before + base64_size(bytes.size()), '=');
  write_digits(out.data() + before, bytes, standard);
}

void append_base64url(std::string& out, BytesView bytes) {
  const std::size_t before = out.size();
  out.resize(before + base64_size(bytes.size()));
  const char* const end = write_digits(out.data() + before, bytes, url_safe);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

bool decode_base64(std::string_view text, Bytes& out) {
  if (text.size() % 4 != 0) return false;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::vector<std::byte> bytes(text.size() / 4 * 3 - padding);
  const std::size_t full = padding == 0 ? text.size() : text.size() - 4;
  std::byte* to = bytes.data();
  for (std::size_t i = 0; i < full; i += 4) {
    const std::uint32_t a = value_of(text[i]), b = value_of(text[i + 1]);
    const std::uint32_t c = value_of(text[i + 2]), d = value_of(text[i + 3]);
    if ((a | b | c | d) == not_a_digit) return false;
    const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *to++ = static_cast<std::byte>(group >> 16);
    *to++ = static_cast<std::byte>(group >> 8 & 0xFF);
    *to++ = static_cast<std::byte>(group & 0xFF);
  }
  if (padding != 0 && !decode_tail(text.substr(full, 4 - padding), to)) return false;
  out = Bytes(std::move(bytes));
  return true;
}

}  // namespace banter::base
