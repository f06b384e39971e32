#include "base/json_string.h"

#include <algorithm>

#include "base/text_scan.h"
#include "base/utf8.h"

namespace banter::base {
namespace {

char32_t hex_value(char digit) noexcept {
  if (digit <= '9') return static_cast<char32_t>(digit - '0');
  return static_cast<char32_t>((digit | 0x20) - 'a' + 10);
}

// The four digits behind "\u"; `escape` begins with the backslash.
char32_t code_unit(std::string_view escape) noexcept {
  return hex_value(escape[2]) << 12 | hex_value(escape[3]) << 8 | hex_value(escape[4]) << 4 |
         hex_value(escape[5]);
}

// Appends what the \u escape that `rest` begins with stands for, with the low surrogate behind it if both
// make a pair; returns what it has used.
std::size_t append_code_point(std::string& out, std::string_view rest) {
  const char32_t unit = code_unit(rest);
  const bool is_high = unit >= 0xD800 && unit < 0xDC00;
  if (is_high && rest.size() >= 12 && rest[6] == '\\' && rest[7] == 'u') {
    const char32_t low = code_unit(rest.substr(6));
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
      return 12;
    }
  }
  append_utf8(out, unit);
  return 6;
}

std::size_t append_escape(std::string& out, std::string_view rest) {
  switch (rest[1]) {
    case 'u': return append_code_point(out, rest);
    case 'b': out += '\b'; break;
    case 'f': out += '\f'; break;
    case 'n': out += '\n'; break;
    case 'r': out += '\r'; break;
    case 't': out += '\t'; break;
    default: out += rest[1];  // quote, backslash, slash
  }
  return 2;
}

// The first byte that cannot stand in a JSON string as it is, or `end`.
const char* skip_plain(const char* at, const char* end) noexcept {
  at = find_first<NeedsCare>(at, end);
  while (at != end && NonAscii::contains(static_cast<unsigned char>(*at))) {
    const std::size_t sequence = utf8_sequence({at, static_cast<std::size_t>(end - at)});
    if (sequence == 0) return at;
    at += sequence;
    if (at != end && !NonAscii::contains(static_cast<unsigned char>(*at)))
      at = find_first<NeedsCare>(at, end);
  }
  return at;
}

// Appends the escape of a quote, a backslash or a control character.
void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void append_unescaped(std::string& out, std::string_view raw) {
  std::string_view rest = raw.substr(1, raw.size() - 2);
  for (;;) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) return;
    rest.remove_prefix(append_escape(out, rest));
  }
}

bool string_is(std::string_view raw, std::string_view plain) {
  if (raw.find('\\') == std::string_view::npos) return raw.substr(1, raw.size() - 2) == plain;
  std::string text;
  append_unescaped(text, raw);
  return text == plain;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  for (;;) {
    const char* const stop = skip_plain(at, end);
    out.append(at, static_cast<std::size_t>(stop - at));
    if (stop == end) break;
    if (NonAscii::contains(static_cast<unsigned char>(*stop))) {
      append_utf8(out, 0xFFFD);
      at = stop + bad_utf8_sequence({stop, static_cast<std::size_t>(end - stop)});
    } else {
      append_escaped(out, *stop);
      at = stop + 1;
    }
  }
  out += '"';
}

}  // namespace banter::base
