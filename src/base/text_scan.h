// Finding the next byte that matters in a text, 16 bytes a step where the machine has SSE2.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstddef>

namespace banter::base {

// A byte that is not ASCII.
struct NonAscii {
  static constexpr bool contains(unsigned char byte) noexcept { return byte >= 0x80; }
#if defined(__SSE2__)
  static __m128i match(__m128i block) noexcept {
    return block;
  }  // the mask takes each byte's top bit
#endif
};

// A byte that ends a plain run inside a JSON string: quote, backslash or control (RFC 8259 section 7).
struct StringEnd {
  static constexpr bool contains(unsigned char byte) noexcept {
    return byte == '"' || byte == '\\' || byte < 0x20;
  }
#if defined(__SSE2__)
  static __m128i match(__m128i block) noexcept {
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
    const __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i escapes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    return _mm_or_si128(controls, _mm_or_si128(quotes, escapes));
  }
#endif
};

// A byte that cannot be copied into a JSON string without a look: the above, and what may be bad UTF-8.
struct NeedsCare {
  static constexpr bool contains(unsigned char byte) noexcept {
    return StringEnd::contains(byte) || NonAscii::contains(byte);
  }
#if defined(__SSE2__)
  static __m128i match(__m128i block) noexcept {
    return _mm_or_si128(StringEnd::match(block), block);
  }
#endif
};

#if defined(__SSE2__)
inline constexpr std::ptrdiff_t block_size = 16;

// A bit for each byte of the block at `at` that `Set` contains.
template <class Set>
[[nodiscard]] inline int matches(const char* at) noexcept {
  return _mm_movemask_epi8(Set::match(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))));
}
#endif

// The first byte in [at, end) that `Set` contains, or `end`.
template <class Set>
[[nodiscard]] inline const char* find_first(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  const bool has_block = end - at >= block_size;
  for (; end - at >= block_size; at += block_size) {
    if (const int mask = matches<Set>(at)) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
  if (has_block && at != end) {  // the last block overlaps the one before, in which nothing matched
    const int mask = matches<Set>(end - block_size);
    return mask == 0 ? end : end - block_size + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at != end && !Set::contains(static_cast<unsigned char>(*at)))
    ++at;
  return at;
}

}  // namespace banter::base
