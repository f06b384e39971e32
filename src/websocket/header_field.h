// A header line of the opening handshake, and the grammar its values are made of (RFC 9110 section 5.6).
#pragma once

#include <algorithm>
#include <string_view>

namespace banter::websocket {

// Names are compared without regard to case.
struct Field {
  std::string_view name;
  std::string_view value;
};

[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

[[nodiscard]] inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

[[nodiscard]] constexpr bool is_token_character(char c) noexcept {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return is_alphanumeric(c) || symbols.find(c) != symbols.npos;
}

[[nodiscard]] inline bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

}  // namespace banter::websocket
