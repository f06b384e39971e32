// The JSON grammar (RFC 8259) as one loop. Whoever reads JSON text is a visitor of it: the splitter looks at
// nothing, the placeholder search at keys, the decoder builds a value.
//
// Every function takes [at, end), checks as it goes, and returns the end of what it read, or null.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/json_scanner.h"
#include "base/text_scan.h"

namespace banter::base {

[[nodiscard]] inline const char* skip_space(const char* at, const char* end) noexcept {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
    ++at;
  return at;
}

// From behind an item of a checked text to the next item; null if there is none.
[[nodiscard]] inline const char* skip_comma(const char* at, const char* end) noexcept {
  at = skip_space(at, end);
  return at != end && *at == ',' ? skip_space(at + 1, end) : nullptr;
}

// From the character behind a backslash.
[[nodiscard]] const char* skip_escape(const char* at, const char* end) noexcept;

// From the opening quote.
[[nodiscard]] inline const char* skip_string(const char* at, const char* end) noexcept {
  ++at;
  for (;;) {
    at = find_first<StringEnd>(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    if (*at != '\\') return nullptr;  // a bare control character
    at = skip_escape(at + 1, end);
    if (at == nullptr) return nullptr;
  }
}

[[nodiscard]] const char* skip_number(const char* at, const char* end) noexcept;

[[nodiscard]] inline const char* skip_literal(std::string_view literal, const char* at,
                                              const char* end) noexcept {
  const bool is_here = static_cast<std::size_t>(end - at) >= literal.size() &&
                       std::memcmp(at, literal.data(), literal.size()) == 0;
  return is_here ? at + literal.size() : nullptr;
}

// A value that is neither array nor object; `at` is not `end`.
[[nodiscard]] inline const char* skip_scalar(const char* at, const char* end) noexcept {
  switch (*at) {
    case '"': return skip_string(at, end);
    case 't': return skip_literal("true", at, end);
    case 'f': return skip_literal("false", at, end);
    case 'n': return skip_literal("null", at, end);
    default: return skip_number(at, end);
  }
}

// Which of the open brackets are braces.
class OpenBrackets {
 public:
  // False if that would be one too many.
  [[nodiscard]] bool push(char bracket, std::size_t limit) noexcept {
    if (depth_ == limit) return false;
    is_object_ = bracket == '{';
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    std::uint64_t& word = words_[depth_ / 64];
    word = is_object_ ? word | bit : word & ~bit;
    ++depth_;
    return true;
  }

  // Leaves the innermost; false if it was the last.
  [[nodiscard]] bool pop() noexcept {
    if (--depth_ == 0) return false;
    is_object_ = (words_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1) != 0;
    return true;
  }

  [[nodiscard]] bool in_object() const noexcept { return is_object_; }
  [[nodiscard]] char closer() const noexcept { return is_object_ ? '}' : ']'; }

 private:
  std::array<std::uint64_t, max_json_depth / 64> words_{};
  std::size_t depth_ = 0;
  bool is_object_ = false;
};

// Ignores what it sees. The functions answer false to stop the walk as if the text were bad.
struct NoVisitor {
  static bool open(const char*) noexcept { return true; }         // at the bracket
  static bool close(const char*) noexcept { return true; }        // behind the bracket
  static bool key(std::string_view) noexcept { return true; }     // with its quotes
  static bool scalar(std::string_view) noexcept { return true; }  // as written
};

// Remembers the last key.
struct KeyVisitor : NoVisitor {
  bool key(std::string_view raw) noexcept {
    last = raw;
    return true;
  }
  std::string_view last;
};

// Reads a key, its colon and the space around; stops at the value.
template <class Visitor>
[[nodiscard]] const char* walk_key(const char* at, const char* end, Visitor& visitor) {
  if (at == end || *at != '"') return nullptr;
  const char* const begin = at;
  at = skip_string(at, end);
  if (at == nullptr || !visitor.key(std::string_view(begin, static_cast<std::size_t>(at - begin))))
    return nullptr;
  at = skip_space(at, end);
  return at != end && *at == ':' ? skip_space(at + 1, end) : nullptr;
}

template <class Visitor>
[[nodiscard]] const char* walk_scalar(const char* at, const char* end, Visitor& visitor) {
  if (at == end) return nullptr;
  const char* const behind = skip_scalar(at, end);
  if (behind == nullptr) return nullptr;
  return visitor.scalar(std::string_view(at, static_cast<std::size_t>(behind - at))) ? behind : nullptr;
}

// Closes every bracket that ends here; stops at the comma, or behind the last bracket with `is_done` set.
template <class Visitor>
[[nodiscard]] const char* walk_closers(const char* at, const char* end, OpenBrackets& open, Visitor& visitor,
                                       bool& is_done) {
  for (at = skip_space(at, end); at != end && *at == open.closer(); at = skip_space(at, end)) {
    if (!visitor.close(++at)) return nullptr;
    if (!open.pop()) {
      is_done = true;
      return at;
    }
  }
  return at;
}

// A whole array or object, at most `depth` brackets deep.
template <class Visitor>
[[nodiscard]] const char* walk_container(const char* at, const char* end, std::size_t depth,
                                         Visitor& visitor) {
  OpenBrackets open;
  for (bool is_done = false;;) {
    if (at != end && (*at == '[' || *at == '{')) {
      if (!open.push(*at, depth) || !visitor.open(at)) return nullptr;
      at = skip_space(at + 1, end);
      if (at == end) return nullptr;
      if (*at != open.closer()) {
        if (open.in_object()) at = walk_key(at, end, visitor);
        if (at == nullptr) return nullptr;
        continue;
      }
    } else {
      at = walk_scalar(at, end, visitor);
      if (at == nullptr) return nullptr;
    }
    at = walk_closers(at, end, open, visitor, is_done);
    if (is_done || at == nullptr) return at;
    if (at == end || *at != ',') return nullptr;
    at = skip_space(at + 1, end);
    if (open.in_object()) at = walk_key(at, end, visitor);
    if (at == nullptr) return nullptr;
  }
}

// Any value, without space around it.
template <class Visitor>
[[nodiscard]] const char* walk_value(const char* at, const char* end, std::size_t depth, Visitor& visitor) {
  if (at != end && (*at == '[' || *at == '{')) return walk_container(at, end, depth, visitor);
  return walk_scalar(at, end, visitor);
}

[[nodiscard]] inline const char* skip_value(const char* at, const char* end, std::size_t depth) noexcept {
  NoVisitor nobody;
  return walk_value(at, end, depth, nobody);
}

}  // namespace banter::base
