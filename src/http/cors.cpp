#include "http/cors.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/origin.h"
#include "http/text.h"

namespace banter::http {

namespace {

constexpr std::string_view every_origin = "*";
constexpr std::string_view default_methods = "GET,HEAD,PUT,PATCH,POST,DELETE";

// One list of tokens for a header field.
std::string join(const std::vector<std::string>& names, const char* what) {
  std::string list;
  for (const std::string& name : names) {
    if (!is_token(name))
      throw std::invalid_argument("cors: not a " + std::string(what) + ": \"" + name + "\"");
    if (!list.empty()) list += ',';
    list += name;
  }
  return list;
}

// What is echoed to the client goes no further than names of header fields.
bool is_token_list(std::string_view list) noexcept {
  while (const auto element = next_element(list)) {
    if (!is_token(*element)) return false;
  }
  return true;
}

bool is_preflight(const Request& request) noexcept {
  return request.method == "OPTIONS" && request.headers.has("Origin") &&
         request.headers.has("Access-Control-Request-Method");
}

}  // namespace

Cors::Cors(CorsSettings settings)
    : predicate_(std::move(settings.allows)),
      settings_(std::move(settings)),
      methods_(join(settings_.methods, "method")),
      allowed_headers_(join(settings_.allowed_headers, "header name")),
      exposed_headers_(join(settings_.exposed_headers, "header name")),
      mode_(choose_mode()) {
  for (std::string& origin : settings_.origins) {
    if (origin != every_origin) origin = normalize_origin(origin);
  }
  if (methods_.empty()) methods_ = default_methods;
  if (settings_.credentials && mode_ == Mode::any) {
    throw std::invalid_argument("cors: browsers refuse credentials together with the origin \"*\"");
  }
  if (settings_.max_age && settings_.max_age->count() < 0) {
    throw std::invalid_argument("cors: max_age is below zero");
  }
}

Cors::Mode Cors::choose_mode() const {
  if (is_listed(every_origin)) return Mode::any;
  if (predicate_) return Mode::some;
  if (settings_.origins.empty()) return Mode::none;
  return settings_.origins.size() == 1 ? Mode::one : Mode::some;
}

bool Cors::is_listed(std::string_view origin) const noexcept {
  return std::find(settings_.origins.begin(), settings_.origins.end(), origin) != settings_.origins.end();
}

bool Cors::allows(std::string_view origin) const {
  if (origin == every_origin) return false;  // not an origin, but listed it may be
  if (is_listed(origin)) return true;
  if (mode_ == Mode::any && !is_opaque(origin)) return true;
  return predicate_ && predicate_(origin);
}

std::optional<std::string> Cors::allowed_origin(const Request& request) const {
  switch (mode_) {
    case Mode::none: return std::nullopt;
    case Mode::any: return std::string(every_origin);
    case Mode::one: return settings_.origins.front();
    case Mode::some: break;
  }
  const std::string_view origin = request.header("Origin");
  if (origin.empty() || !allows(origin)) return std::nullopt;
  return std::string(origin);
}

Headers Cors::headers_for(const Request& request) const {
  Headers headers;
  if (const auto origin = allowed_origin(request)) {
    headers.add("Access-Control-Allow-Origin", *origin);
    if (settings_.credentials) headers.add("Access-Control-Allow-Credentials", "true");
    if (!exposed_headers_.empty()) headers.add("Access-Control-Expose-Headers", exposed_headers_);
  }
  // A cache must not give one origin's answer to another one (Fetch standard, "CORS protocol and HTTP
  // caches").
  if (mode_ == Mode::one || mode_ == Mode::some) headers.add("Vary", "Origin");
  return headers;
}

std::optional<Response> Cors::preflight(const Request& request) const {
  if (!is_configured() || !is_preflight(request)) return std::nullopt;
  Response response(204);
  response.announce_empty().add_missing(headers_for(request));
  response.add_header("Access-Control-Allow-Methods", methods_);
  allow_headers(request, response);
  if (settings_.max_age) {
    response.add_header("Access-Control-Max-Age", std::to_string(settings_.max_age->count()));
  }
  return response;
}

void Cors::allow_headers(const Request& request, Response& response) const {
  if (!allowed_headers_.empty()) {
    response.add_header("Access-Control-Allow-Headers", allowed_headers_);
    return;
  }
  const std::string vary(response.headers().get("Vary"));
  response.set_header("Vary", (vary.empty() ? "" : vary + ", ") + "Access-Control-Request-Headers");
  const std::string_view wanted = request.header("Access-Control-Request-Headers");
  if (!wanted.empty() && is_token_list(wanted)) response.add_header("Access-Control-Allow-Headers", wanted);
}

}  // namespace banter::http
