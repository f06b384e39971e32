// The differential check shared by the tests and the fuzz target: our JSON against nlohmann's parser.
//
// Both must accept the same texts and read the same values, but for what is documented: an escaped lone
// surrogate (nlohmann refuses, ours is U+FFFD), a number out of range (refuses, infinity), a byte order mark
// (accepts, ours refuses), more than 512 brackets (accepts, ours refuses), a zero byte, which ends nlohmann's
// text, and a raw string that is not UTF-8 (refuses; here the transport has checked).
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "banter/encode.h"
#include "base/json_scanner.h"
#include "base/utf8.h"

namespace banter::tests {

inline std::optional<json> ours(std::string_view text) {
  if (!base::is_json(text)) return std::nullopt;
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  json value;
  if (!detail::decode_json({text.substr(begin, end + 1 - begin)}, value)) return std::nullopt;
  return value;
}

inline std::optional<json> theirs(std::string_view text) {
  json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

// The deepest nesting of brackets outside strings.
inline std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      in_string = !in_string;
    else if (!in_string && (text[i] == '[' || text[i] == '{'))
      deepest = std::max(deepest, ++depth);
    else if (!in_string && depth > 0 && (text[i] == ']' || text[i] == '}'))
      --depth;
  }
  return deepest;
}

inline bool has_infinity(const json& value) {
  if (value.is_number_float()) return !std::isfinite(value.get<double>());
  if (!value.is_structured()) return false;
  for (const json& item : value) {
    if (has_infinity(item)) return true;
  }
  return false;
}

inline bool may_refuse_alone(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos ||
         depth_of(text) > base::max_json_depth;
}

// Empty if both agree, or disagree as documented; otherwise what is wrong.
inline std::string difference(std::string_view text) {
  if (!base::is_valid_utf8(text)) return {};
  const auto own = ours(text);
  const auto other = theirs(text);
  if (own && other) return *own == *other ? "" : "values differ";
  if (other) return may_refuse_alone(text) ? "" : "nlohmann accepts what we refuse";
  if (!own) return {};
  const bool has_escape =
      text.find("\\u") != std::string_view::npos;  // a lone surrogate, or its duplicate key
  const bool has_exponent = text.find_first_of("eE") != std::string_view::npos;
  return has_escape || has_exponent || has_infinity(*own) ? "" : "we accept what nlohmann refuses";
}

// Empty if what our writer makes of a value is JSON that reads back as the same value, with us and with
// nlohmann.
inline std::string round_trip_difference(const json& value) {
  std::string text;
  Encoder encoder(text);
  encoder.write_json(value);
  const auto own = ours(text);
  const auto other = theirs(text);
  if (!own || !other) return "what we wrote is not JSON";
  if (*own != *other) return "what we wrote reads differently";
  return has_infinity(value) || *own == value ? "" : "what we wrote is another value";
}

}  // namespace banter::tests
