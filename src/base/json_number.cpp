// Numbers of any spelling into integers and doubles.
#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include "banter/raw_argument.h"

namespace banter::detail {
namespace {

bool is_number(std::string_view text) noexcept {
  return !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
}

// The digits behind "e", or 0. Held at a bound that no text is long enough to make up for.
std::int64_t exponent_of(std::string_view text) noexcept {
  const std::size_t mark = text.find_first_of("eE");
  if (mark == std::string_view::npos) return 0;
  std::string_view digits = text.substr(mark + 1);
  const bool is_negative = digits.starts_with('-');
  if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
  constexpr std::int64_t bound = 1'000'000'000'000'000;
  std::int64_t exponent = 0;
  for (const char digit : digits)
    exponent = std::min(bound, exponent * 10 + (digit - '0'));
  return is_negative ? -exponent : exponent;
}

bool multiply(std::uint64_t& value, std::int64_t power_of_ten) noexcept {
  for (; power_of_ten > 0; --power_of_ten) {
    if (__builtin_mul_overflow(value, std::uint64_t{10}, &value)) return false;  // after 20 steps at most
  }
  return true;
}

// Reads the digits in front of the exponent as value * 10^power, where `value` does not end in zero. False if
// `value` passes 64 bits: then no exponent makes the number an integer that fits.
bool read_digits(std::string_view text, std::uint64_t& value, std::int64_t& power) noexcept {
  bool is_fraction = false;
  std::int64_t zeros = 0;  // seen since the last other digit
  std::int64_t scale = 0;
  for (const char c : text) {
    if (c == 'e' || c == 'E') break;
    if (c == '.') is_fraction = true;
    if (c == '.' || c == '-') continue;
    if (is_fraction) --scale;
    if (c == '0') {
      ++zeros;
      continue;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value != 0 && !multiply(value, zeros + 1)) return false;
    if (__builtin_add_overflow(value, digit, &value)) return false;
    zeros = 0;
  }
  power = zeros + scale;
  return true;
}

// The absolute value of a number whose spelling has a point or an exponent; nothing if it is no integer of 64
// bits.
std::optional<std::uint64_t> integer_magnitude(std::string_view text) noexcept {
  std::uint64_t value = 0;
  std::int64_t power = 0;
  if (!read_digits(text, value, power)) return std::nullopt;
  if (value == 0) return 0;
  power += exponent_of(text);
  if (power < 0 || !multiply(value, power)) return std::nullopt;
  return value;
}

// Whether a number that a double cannot hold is too large rather than too small: where its first digit
// stands.
bool is_huge(std::string_view text) noexcept {
  const std::size_t first = text.find_first_of("123456789");
  const std::size_t point = std::min(text.find('.'), text.find_first_of("eE"));
  const auto whole_digits = static_cast<std::int64_t>(std::min(point, text.size()));
  return whole_digits - static_cast<std::int64_t>(first) + exponent_of(text) > 0;
}

// As many characters as std::from_chars takes, if that is all of them.
template <class T>
bool read_plainly(std::string_view text, T& out) noexcept {
  const char* const end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && behind == end;
}

}  // namespace

bool decode_integer(std::string_view text, std::int64_t& out) noexcept {
  if (!is_number(text)) return false;
  if (read_plainly(text, out)) return true;
  const auto magnitude = integer_magnitude(text);
  if (!magnitude) return false;
  const bool is_negative = text.front() == '-';
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (*magnitude > largest + (is_negative ? 1 : 0)) return false;
  out = static_cast<std::int64_t>(is_negative ? 0 - *magnitude : *magnitude);
  return true;
}

bool decode_integer(std::string_view text, std::uint64_t& out) noexcept {
  if (!is_number(text)) return false;
  if (read_plainly(text, out)) return true;
  const auto magnitude = integer_magnitude(text);
  if (!magnitude || (text.front() == '-' && *magnitude != 0)) return false;
  out = *magnitude;
  return true;
}

bool decode_double(std::string_view text, double& out) noexcept {
  if (!is_number(text)) return false;
  const auto [behind, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc::result_out_of_range) return error == std::errc();
  out = is_huge(text) ? std::numeric_limits<double>::infinity() : 0.0;  // from_chars left it untouched
  if (text.front() == '-') out = -out;
  return true;
}

}  // namespace banter::detail
