#include "base/utf8.h"

#include "base/text_scan.h"

namespace banter::base {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// What may follow a lead byte (RFC 3629 section 4): how many bytes, and the bounds of the first of them,
// which rule out overlong forms, surrogates and code points above U+10FFFF.
struct Lead {
  std::uint8_t following;  // 0 for a byte that cannot lead
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

constexpr Lead lead_of(unsigned char byte) noexcept {
  if (byte < 0xC2) return {0};
  if (byte < 0xE0) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte < 0xF0) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte < 0xF4) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0};
}

constexpr unsigned char byte_at(std::string_view text, std::size_t index) noexcept {
  return static_cast<unsigned char>(text[index]);
}

// How many bytes of `text`, from a lead byte on, belong together; `lead.following` + 1 if all are there.
std::size_t matching(const Lead& lead, std::string_view text) noexcept {
  if (lead.following == 0 || text.size() < 2) return 1;
  if (byte_at(text, 1) < lead.low || byte_at(text, 1) > lead.high) return 1;
  std::size_t count = 2;
  while (count <= lead.following && count < text.size() && (byte_at(text, count) & 0xC0) == 0x80)
    ++count;
  return count;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  if (byte_at(text, 0) < 0x80) return 1;
  const Lead lead = lead_of(byte_at(text, 0));
  const std::size_t wanted = lead.following + std::size_t{1};
  return wanted > 1 && matching(lead, text) == wanted ? wanted : 0;
}

std::size_t bad_utf8_sequence(std::string_view text) noexcept {
  return matching(lead_of(byte_at(text, 0)), text);
}

bool is_valid_utf8(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  const char* at = find_first<NonAscii>(text.data(), end);
  while (at != end) {
    const std::size_t length = utf8_sequence({at, static_cast<std::size_t>(end - at)});
    if (length == 0) return false;
    at += length;
    if (at != end && NonAscii::contains(static_cast<unsigned char>(*at))) continue;
    at = find_first<NonAscii>(at, end);
  }
  return true;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) {
    out += replacement;
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

void append_lossy(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const char* const end = text.data() + text.size();
    const auto plain = static_cast<std::size_t>(find_first<NonAscii>(text.data(), end) - text.data());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t good = utf8_sequence(text);
    out += good != 0 ? text.substr(0, good) : replacement;
    text.remove_prefix(good != 0 ? good : bad_utf8_sequence(text));
  }
}

bool Utf8Validator::append(std::string_view piece) noexcept {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  while (!failed_ && at != end) {
    const auto byte = static_cast<unsigned char>(*at);
    if (missing_ > 0) {
      failed_ = !accept(byte);
      ++at;
    } else if (byte < 0x80) {
      at = find_first<NonAscii>(at, end);
    } else if (const std::size_t whole = utf8_sequence({at, static_cast<std::size_t>(end - at)});
               whole != 0) {
      at += whole;
    } else {
      failed_ = !begin(byte);
      ++at;
    }
  }
  return !failed_;
}

bool Utf8Validator::begin(unsigned char lead_byte) noexcept {
  const Lead lead = lead_of(lead_byte);
  missing_ = lead.following;
  low_ = lead.low;
  high_ = lead.high;
  return missing_ > 0;
}

bool Utf8Validator::accept(unsigned char byte) noexcept {
  const bool fits = byte >= low_ && byte <= high_;
  --missing_;
  low_ = 0x80;
  high_ = 0xBF;
  return fits;
}

}  // namespace banter::base
