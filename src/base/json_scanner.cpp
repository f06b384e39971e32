#include "base/json_scanner.h"

#include "base/json_walker.h"

namespace banter::base {
namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

const char* skip_digits(const char* at, const char* end) noexcept {
  if (at == end || !is_digit(*at)) return nullptr;  // at least one
  while (at != end && is_digit(*at))
    ++at;
  return at;
}

std::string_view between(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Goes from behind an item to the next one; `is_done` and the end of the text behind `closer`.
const char* next_item(const char* at, const char* end, char closer, bool& is_done) noexcept {
  at = skip_space(at, end);
  if (at == end) return nullptr;
  if (*at == ',') return skip_space(at + 1, end);
  if (*at != closer) return nullptr;
  is_done = true;
  return skip_space(at + 1, end);
}

// Goes from in front of the text into its bracket; `is_done` and the end of the text if nothing is in it.
const char* first_item(std::string_view text, std::string_view brackets, bool& is_done) noexcept {
  const char* const end = text.data() + text.size();
  const char* at = skip_space(text.data(), end);
  if (at == end || *at != brackets[0]) return nullptr;
  at = skip_space(at + 1, end);
  if (at == end || *at != brackets[1]) return at;
  is_done = true;
  return skip_space(at + 1, end);
}

}  // namespace

const char* skip_escape(const char* at, const char* end) noexcept {
  if (at == end) return nullptr;
  if (*at != 'u') return std::strchr("\"\\/bfnrt", *at) != nullptr && *at != '\0' ? at + 1 : nullptr;
  if (end - at < 5) return nullptr;
  for (int i = 1; i <= 4; ++i) {
    if (!is_hex_digit(at[i])) return nullptr;
  }
  return at + 5;
}

const char* skip_number(const char* at, const char* end) noexcept {
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if ((at = skip_digits(at, end)) == nullptr) {
    return nullptr;
  }
  if (at != end && *at == '.' && (at = skip_digits(at + 1, end)) == nullptr) return nullptr;
  if (at == end || (*at != 'e' && *at != 'E')) return at;
  ++at;
  if (at != end && (*at == '+' || *at == '-')) ++at;
  return skip_digits(at, end);
}

JsonKind kind_of(std::string_view value) noexcept {
  switch (value.front()) {
    case '{': return JsonKind::object;
    case '[': return JsonKind::array;
    case '"': return JsonKind::string;
    case 't':
    case 'f': return JsonKind::boolean;
    case 'n': return JsonKind::null;
    default: return JsonKind::number;
  }
}

bool is_json(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  const char* const at = skip_value(skip_space(text.data(), end), end, max_json_depth);
  return at != nullptr && skip_space(at, end) == end;
}

bool split_array(std::string_view text, std::vector<std::string_view>& elements) {
  elements.clear();
  const char* const end = text.data() + text.size();
  bool is_done = false;
  const char* at = first_item(text, "[]", is_done);
  while (at != nullptr && !is_done) {
    const char* const begin = at;
    at = skip_value(at, end, max_json_depth - 1);
    if (at == nullptr) return false;
    elements.push_back(between(begin, at));
    at = next_item(at, end, ']', is_done);
  }
  return at == end && is_done;
}

bool split_object(std::string_view text, std::vector<RawMember>& members) {
  members.clear();
  const char* const end = text.data() + text.size();
  bool is_done = false;
  const char* at = first_item(text, "{}", is_done);
  while (at != nullptr && !is_done) {
    KeyVisitor key;
    const char* const value = walk_key(at, end, key);
    if (value == nullptr) return false;
    at = skip_value(value, end, max_json_depth - 1);
    if (at == nullptr) return false;
    members.emplace_back(key.last, between(value, at));
    at = next_item(at, end, '}', is_done);
  }
  return at == end && is_done;
}

}  // namespace banter::base
