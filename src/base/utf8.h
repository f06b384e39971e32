// UTF-8 (RFC 3629): checking, building, repairing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace banter::base {

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

// Length of the well-formed sequence that `text`, which is not empty, begins with; 0 if it begins with a bad
// one.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

// Length of the bad sequence that `text` begins with: what one U+FFFD stands for (the "maximal subpart" of
// the Unicode standard, section 3.9, as WHATWG's decoder has it). At least 1.
[[nodiscard]] std::size_t bad_utf8_sequence(std::string_view text) noexcept;

// Appends a code point; a surrogate or one above U+10FFFF is written as U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

// Appends `text` with every bad sequence replaced by U+FFFD.
void append_lossy(std::string& out, std::string_view text);

// Checks a text that arrives in pieces, cut anywhere. Fails with the first byte that no valid text could have
// there.
class Utf8Validator {
 public:
  // False if the text so far cannot be the beginning of a valid one; that is final until `reset`.
  [[nodiscard]] bool append(std::string_view piece) noexcept;

  // True if the text so far is valid, and no sequence is incomplete.
  [[nodiscard]] bool is_complete() const noexcept { return !failed_ && missing_ == 0; }

  void reset() noexcept { *this = {}; }

 private:
  bool begin(unsigned char lead_byte) noexcept;
  bool accept(unsigned char byte) noexcept;

  std::uint8_t missing_ = 0;  // continuation bytes to come
  std::uint8_t low_ = 0x80;   // bounds of the next one
  std::uint8_t high_ = 0xBF;
  bool failed_ = false;
};

}  // namespace banter::base
