#include "http/origin.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "http/text.h"

namespace banter::http {

namespace {

constexpr std::string_view separator = "://";

struct Origin {
  std::string_view scheme;
  std::string_view authority;
};

struct Authority {
  std::string_view host;  // an IPv6 address in its brackets
  std::optional<std::uint16_t> port;
};

std::optional<Origin> split_origin(std::string_view text) noexcept {
  const std::size_t end = text.find(separator);
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  return Origin{text.substr(0, end), text.substr(end + separator.size())};
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return port;
}

// "name", "name:80", "[::1]:80"; the port behind the colon may be missing (RFC 3986 section 3.2.3).
std::optional<Authority> split_authority(std::string_view text) noexcept {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) return std::nullopt;
  if (colon == std::string_view::npos || colon + 1 == text.size()) return Authority{host, std::nullopt};
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  return Authority{host, port};
}

std::optional<std::uint16_t> default_port(std::string_view scheme) noexcept {
  if (equals_ignoring_case(scheme, "http")) return std::uint16_t{80};
  if (equals_ignoring_case(scheme, "https")) return std::uint16_t{443};
  return std::nullopt;
}

bool is_host_char(char c) noexcept {
  return c > ' ' && c < 0x7f && std::string_view("/?#@\\,*\"<>").find(c) == std::string_view::npos;
}

bool is_scheme(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

}  // namespace

std::string normalize_origin(std::string_view text) {
  if (text == "null" || text == "file://") return std::string(text);
  const std::string lower = to_lower(text);
  const auto origin = split_origin(lower);
  const auto authority = origin ? split_authority(origin->authority) : std::nullopt;
  const bool is_good = authority && is_scheme(origin->scheme) &&
                       std::all_of(authority->host.begin(), authority->host.end(), is_host_char);
  if (!is_good) {
    throw std::invalid_argument("not an origin, which is a scheme, :// and a host with an optional port: \"" +
                                std::string(text) + "\"");
  }
  std::string normal(origin->scheme);
  normal.append(separator).append(authority->host);
  if (authority->port && authority->port != default_port(origin->scheme)) {
    normal.append(":").append(std::to_string(*authority->port));
  }
  return normal;
}

bool is_opaque(std::string_view origin) noexcept {
  return equals_ignoring_case(origin, "null") || equals_ignoring_case(origin.substr(0, 5), "file:");
}

bool is_same_origin(std::string_view origin, std::string_view host, Scheme scheme) noexcept {
  const auto parts = split_origin(origin);
  if (!parts) return false;
  const auto own_port = default_port(parts->scheme);
  if (!own_port || (scheme == Scheme::https && own_port != 443)) return false;
  const auto page = split_authority(parts->authority);
  const auto server = split_authority(host);
  return page && server && equals_ignoring_case(page->host, server->host) &&
         page->port.value_or(*own_port) == server->port.value_or(*own_port);
}

}  // namespace banter::http
