#include "websocket/extension_reader.h"

#include <algorithm>
#include <cstddef>

#include "websocket/header_field.h"

namespace banter::websocket {

// Empty elements of a list are ignored (RFC 9110 section 5.6.1.2).
std::optional<std::string_view> ExtensionReader::next_extension() {
  while (skip(',')) {
  }
  if (rest_.empty()) return std::nullopt;
  const std::string_view name = read_token();
  return has_failed_ ? std::nullopt : std::optional(name);
}

std::optional<ExtensionParameter> ExtensionReader::next_parameter() {
  if (!skip(';')) {
    if (!rest_.empty() && rest_.front() != ',') fail();
    return std::nullopt;
  }
  ExtensionParameter parameter{read_token(), std::nullopt};
  if (skip('=')) parameter.value = skip('"') ? read_quoted() : std::string(read_token());
  return has_failed_ ? std::nullopt : std::optional(std::move(parameter));
}

void ExtensionReader::skip_blanks() noexcept {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
}

// `wanted` and the blanks in front of it, if that is what comes.
bool ExtensionReader::skip(char wanted) noexcept {
  skip_blanks();
  if (!rest_.starts_with(wanted)) return false;
  rest_.remove_prefix(1);
  return true;
}

std::string_view ExtensionReader::read_token() noexcept {
  skip_blanks();
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
  const std::string_view token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  rest_.remove_prefix(token.size());
  if (token.empty()) fail();
  return token;
}

// Behind the opening quote; a backslash stands before a character that is meant literally.
std::string ExtensionReader::read_quoted() {
  std::string value;
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    if (rest_[i] == '"') {
      rest_.remove_prefix(i + 1);
      return value;
    }
    if (rest_[i] == '\\' && ++i == rest_.size()) break;
    value += rest_[i];
  }
  fail();
  return {};
}

void ExtensionReader::fail() noexcept {
  has_failed_ = true;
  rest_ = {};
}

}  // namespace banter::websocket
