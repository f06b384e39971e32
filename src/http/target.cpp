#include "http/target.h"

#include <algorithm>

#include "http/error.h"
#include "http/text.h"

namespace banter::http {

namespace {

// RFC 3986 section 3.2: reg-name, IP literal and port; no user, which would only serve to deceive.
bool is_host(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_alnum ||
           (c != '\0' && std::string_view("-._~!$&'()*+;=:[]%").find(c) != std::string_view::npos);
  });
}

// RFC 9112 section 3.2: exactly one in HTTP/1.1, an empty one is allowed.
std::error_code take_host(Request& request) {
  const std::size_t count = request.headers.count("Host");
  if (count > 1 || (count == 0 && request.version == Version::http_1_1)) return Error::missing_host;
  request.host = request.header("Host");
  return is_host(request.host) ? std::error_code{} : Error::bad_host;
}

// Takes scheme and authority off an absolute URL.
std::error_code take_authority(std::string_view& target, Request& request) {
  const std::size_t colon = std::min(target.find(':'), target.size());
  const std::string_view scheme = target.substr(0, colon);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))
    return Error::bad_target;
  if (!target.substr(colon).starts_with("://")) return Error::bad_target;
  target.remove_prefix(colon + 3);

  const std::string_view authority = target.substr(0, std::min(target.find_first_of("/?"), target.size()));
  if (authority.empty() || !is_host(authority)) return Error::bad_host;
  request.host = authority;
  target.remove_prefix(authority.size());
  return {};
}

}  // namespace

std::error_code split_target(Request& request) {
  std::string_view rest = request.target;
  if (rest.find('#') != std::string_view::npos) return Error::bad_target;  // a fragment is never sent
  if (const std::error_code error = take_host(request)) return error;
  if (rest == "*") {
    if (request.method != "OPTIONS") return Error::bad_target;
    request.raw_path = request.path = rest;
    return {};
  }
  if (!rest.starts_with('/')) {
    if (const std::error_code error = take_authority(rest, request)) return error;
  }
  const std::size_t question = std::min(rest.find('?'), rest.size());
  request.raw_path = question == 0 ? "/" : rest.substr(0, question);
  request.path = percent_decode(request.raw_path, Plus::is_plus);
  request.query = rest.substr(std::min(question + 1, rest.size()));
  return {};
}

}  // namespace banter::http
