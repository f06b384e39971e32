// Random bytes from OpenSSL's generator, for ids that nobody may guess.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace banter::base {

// Fills `out`; false, having written nothing to rely on, if the generator fails. Any thread. Small requests
// are served from a pool of the thread's own; a forked child never repeats its parent's bytes.
[[nodiscard]] bool random_bytes(std::span<std::byte> out) noexcept;

// A Socket.IO id: 20 characters of A-Za-z0-9-_, 120 random bits.
[[nodiscard]] std::optional<std::string> random_id();

// Replaces the generator behind both, past any pool; null brings OpenSSL's back. For tests, before threads
// start.
using RandomSource = bool (*)(std::span<std::byte> out) noexcept;
void set_random_source(RandomSource source) noexcept;

}  // namespace banter::base
