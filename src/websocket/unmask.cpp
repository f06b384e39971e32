#include "websocket/unmask.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace banter::websocket {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

std::uint64_t load(const char* from) noexcept {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

void store(char* to, std::uint64_t word) noexcept {
  std::memcpy(to, &word, sizeof word);
}

std::uint64_t doubled(const MaskKey& key) noexcept {
  std::array<char, 8> twice;
  std::copy(key.begin(), key.end(), twice.begin());
  std::copy(key.begin(), key.end(), twice.begin() + key.size());
  return load(twice.data());
}

}  // namespace

bool unmask(std::span<char> bytes, MaskKey& key) noexcept {
  const std::uint64_t mask = doubled(key);
  char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t seen = 0;  // every plain byte, or-ed together
  for (; left >= 16; at += 16, left -= 16) {
    const std::uint64_t first = load(at) ^ mask;
    const std::uint64_t second = load(at + 8) ^ mask;
    store(at, first);
    store(at + 8, second);
    seen |= first | second;
  }
  for (std::size_t i = 0; i < left; ++i) {
    at[i] = static_cast<char>(at[i] ^ key[i % 4]);
    seen |= static_cast<unsigned char>(at[i]);
  }
  std::rotate(key.begin(), key.begin() + left % 4, key.end());
  return (seen & high_bits) != 0;
}

}  // namespace banter::websocket
