#include "websocket/unmask.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace banter::websocket {

namespace {

// GCC's and Clang's vectors of 16 bytes: one instruction each where the machine has them.
using Block = std::uint64_t __attribute__((vector_size(16)));
constexpr std::uint64_t high_bits = 0x8080808080808080;

template <class T>
T load(const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store(char* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

std::uint64_t doubled(const MaskKey& key) noexcept {
  const std::uint64_t once = load<std::uint32_t>(key.data());
  return once << 32 | once;
}

}  // namespace

bool unmask(std::span<char> bytes, MaskKey& key) noexcept {
  const std::uint64_t mask = doubled(key);
  const Block masks{mask, mask};
  char* at = bytes.data();
  std::size_t left = bytes.size();
  Block blocks_seen{};  // every plain byte, or-ed together
  for (; left >= sizeof(Block); at += sizeof(Block), left -= sizeof(Block)) {
    const Block plain = load<Block>(at) ^ masks;
    store(at, plain);
    blocks_seen |= plain;
  }
  std::uint64_t seen = blocks_seen[0] | blocks_seen[1];
  if (left >= 8) {
    const std::uint64_t plain = load<std::uint64_t>(at) ^ mask;
    store(at, plain);
    seen |= plain;
    at += 8;
    left -= 8;
  }
  for (std::size_t i = 0; i < left; ++i) {
    at[i] = static_cast<char>(at[i] ^ key[i % 4]);
    seen |= static_cast<unsigned char>(at[i]);
  }
  if (left % 4 != 0) std::rotate(key.begin(), key.begin() + left % 4, key.end());
  return (seen & high_bits) != 0;
}

}  // namespace banter::websocket
