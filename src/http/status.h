// Status codes and their reason phrases (RFC 9110 section 15).
#pragma once

#include <string_view>

namespace banter::http {

// "Not Found"; for a code that is not known, the name of its class.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

// False for 1xx, 204 and 304, which end with their head (RFC 9112 section 6.3).
[[nodiscard]] constexpr bool may_have_body(int status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace banter::http
