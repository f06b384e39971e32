// The small grammar that HTTP fields share (RFC 9110 section 5.6).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace banter::http {

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

// The letters A to Z made small, the rest as it is.
[[nodiscard]] std::string to_lower(std::string_view text);

// A method, a field name: one or more of the letters, digits and !#$%&'*+-.^_`|~ (section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text) noexcept;

// `text` without blanks and tabs at its ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

// Takes the next element off the front of a comma separated list (section 5.6.1); empty ones are skipped. For
// values without quoted strings.
[[nodiscard]] std::optional<std::string_view> next_element(std::string_view& list) noexcept;

}  // namespace banter::http
