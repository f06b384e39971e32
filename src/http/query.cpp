#include "http/query.h"

#include <algorithm>

namespace banter::http {

namespace {

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes the next part that is not empty off the front of `rest`.
std::optional<std::string_view> next_part(std::string_view& rest) noexcept {
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!part.empty()) return part;
  }
  return std::nullopt;
}

QueryParameter decode_part(std::string_view part) {
  const std::size_t equals = std::min(part.find('='), part.size());
  const std::string_view value = part.substr(std::min(equals + 1, part.size()));
  return {percent_decode(part.substr(0, equals), Plus::is_blank), percent_decode(value, Plus::is_blank)};
}

}  // namespace

std::string percent_decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      decoded += c == '+' && plus == Plus::is_blank ? ' ' : c;
    }
  }
  return decoded;
}

std::vector<QueryParameter> parse_query(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (const auto part = next_part(query))
    parameters.push_back(decode_part(*part));
  return parameters;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  std::optional<std::string> value;
  while (const auto part = next_part(query)) {
    QueryParameter parameter = decode_part(*part);
    if (parameter.name == name) value = std::move(parameter.value);
  }
  return value;
}

}  // namespace banter::http
