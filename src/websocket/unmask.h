// Unmasking of payloads (RFC 6455 section 5.3).
#pragma once

#include <array>
#include <span>

namespace banter::websocket {

using MaskKey = std::array<char, 4>;

// XORs `bytes` with `key`, over and over, in place. Leaves in `key` the key for the bytes that follow in the
// same frame. Answers whether the result has a byte of 0x80 or above: text without one needs no look at its
// UTF-8.
bool unmask(std::span<char> bytes, MaskKey& key) noexcept;

}  // namespace banter::websocket
