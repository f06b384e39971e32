#include "banter/handshake.h"

#include <algorithm>

#include "http/query.h"

namespace banter {

namespace {

bool equals_lower(std::string_view lower, std::string_view any) noexcept {
  return std::equal(lower.begin(), lower.end(), any.begin(), any.end(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
}

}  // namespace

std::string_view Handshake::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const Header& header) { return equals_lower(header.name, name); });
  return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

std::optional<std::string> Handshake::query(std::string_view name) const {
  const std::size_t mark = url.find('?');
  if (mark == std::string::npos) return std::nullopt;
  return http::query_value(std::string_view(url).substr(mark + 1), name);
}

}  // namespace banter
