// SHA-1, which the WebSocket handshake wants (RFC 6455 section 4.2.2) and nothing else may.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "banter/bytes.h"

namespace banter::base {

using Sha1 = std::array<std::byte, 20>;

// Nothing if OpenSSL has no SHA-1 to give (a provider configured without it).
[[nodiscard]] std::optional<Sha1> sha1(BytesView bytes) noexcept;

}  // namespace banter::base
