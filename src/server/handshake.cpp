#include "banter/handshake.h"

#include <algorithm>
#include <utility>

#include "http/query.h"

namespace banter {

namespace {

bool equals_lower(std::string_view lower, std::string_view any) noexcept {
  return std::equal(lower.begin(), lower.end(), any.begin(), any.end(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
}

std::string_view query_of(std::string_view url) noexcept {
  const std::size_t mark = url.find('?');
  return mark == std::string_view::npos ? std::string_view{} : url.substr(mark + 1);
}

}  // namespace

std::string_view Handshake::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const Header& header) { return equals_lower(header.name, name); });
  return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

std::optional<std::string> Handshake::query(std::string_view name) const {
  return http::query_value(query_of(url), name);
}

std::map<std::string, std::string> Handshake::query() const {
  std::map<std::string, std::string> values;
  for (auto& [name, value] : http::parse_query(query_of(url)))
    values.insert_or_assign(std::move(name), std::move(value));
  return values;
}

}  // namespace banter
