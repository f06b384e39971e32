// Base64 (RFC 4648): the standard alphabet with padding, and the url-safe one for ids.
#pragma once

#include <string>
#include <string_view>

#include "banter/bytes.h"

namespace banter::base {

// How many characters `size` bytes take, with padding.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t size) noexcept {
  return (size + 2) / 3 * 4;
}

// Appends `bytes` in the standard alphabet, padded (RFC 4648 section 4).
void append_base64(std::string& out, BytesView bytes);

// Appends `bytes` in the url-safe alphabet, unpadded (RFC 4648 section 5).
void append_base64url(std::string& out, BytesView bytes);

// Strict: standard alphabet, padding required, no white space, unused bits zero (RFC 4648 section 3.5). False
// if `text` is anything else; `out` is then unchanged.
[[nodiscard]] bool decode_base64(std::string_view text, Bytes& out);

}  // namespace banter::base
