#include "http/router.h"

#include <algorithm>
#include <stdexcept>

#include "http/error_page.h"

namespace banter::http {

namespace {

using Segments = std::vector<std::string>;

// "/a/b%2Fc/" has the segments "a", "b/c" and "".
Segments split_path(std::string_view raw_path) {
  Segments segments;
  while (raw_path.starts_with('/')) {
    raw_path.remove_prefix(1);
    const std::size_t end = std::min(raw_path.find('/'), raw_path.size());
    segments.push_back(percent_decode(raw_path.substr(0, end), Plus::is_plus));
    raw_path.remove_prefix(end);
  }
  return segments;
}

bool is_param(std::string_view segment) {
  return segment.starts_with(':');
}

Segments split_pattern(std::string_view pattern) {
  const auto refuse = [&](const char* why) {
    throw std::invalid_argument("route \"" + std::string(pattern) + "\": " + why);
  };
  if (!pattern.starts_with('/')) refuse("must begin with a slash");
  Segments segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    std::string segment(pattern.substr(0, end));
    if (segment == ":") refuse("a parameter needs a name");
    if (is_param(segment) && std::count(segments.begin(), segments.end(), segment) != 0) {
      refuse("two parameters have the same name");
    }
    segments.push_back(std::move(segment));
    pattern.remove_prefix(end);
  }
  return segments;
}

bool matches(const Segments& pattern, const Segments& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const std::string& wanted, const std::string& segment) {
                      return is_param(wanted) ? !segment.empty() : wanted == segment;
                    });
}

Params params_of(const Segments& pattern, const Segments& path) {
  Params params;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_param(pattern[i])) params.add(pattern[i].substr(1), path[i]);
  }
  return params;
}

// A HEAD is served by what serves GET; the connection leaves the body out.
std::string_view served_as(std::string_view method) {
  return method == "HEAD" ? "GET" : method;
}

}  // namespace

std::string_view Params::get(std::string_view name) const noexcept {
  for (const QueryParameter& param : list_) {
    if (param.name == name) return param.value;
  }
  return {};
}

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  Route route{std::string(method), split_pattern(pattern), false, std::move(handler)};
  route.has_params = std::any_of(route.segments.begin(), route.segments.end(), is_param);
  for (const Route& other : routes_) {
    if (other.method == method && other.segments == route.segments) {
      throw std::invalid_argument("route \"" + std::string(pattern) + "\": " + route.method +
                                  " was added before");
    }
  }
  routes_.push_back(std::move(route));
}

void Router::mount(std::string_view prefix, Handler handler) {
  if (!prefix.starts_with('/')) {
    throw std::invalid_argument("prefix \"" + std::string(prefix) + "\": must begin with a slash");
  }
  while (prefix.ends_with('/'))
    prefix.remove_suffix(1);
  const auto place = std::find_if(mounts_.begin(), mounts_.end(),
                                  [&](const Mount& other) { return other.prefix.size() < prefix.size(); });
  mounts_.insert(place, Mount{std::string(prefix), std::move(handler)});
}

const Router::Route* Router::find(std::string_view method, const Segments& path) const {
  const Route* found = nullptr;
  for (const Route& route : routes_) {
    if (route.method != method || !matches(route.segments, path)) continue;
    if (!route.has_params) return &route;
    if (!found) found = &route;
  }
  return found;
}

const Router::Mount* Router::find_mount(std::string_view raw_path) const {
  for (const Mount& mount : mounts_) {
    const std::size_t size = mount.prefix.size();
    if (raw_path.starts_with(mount.prefix) && (raw_path.size() == size || raw_path[size] == '/'))
      return &mount;
  }
  return nullptr;
}

bool Router::wants_body(const Request& request) const {
  return find(served_as(request.method), split_path(request.raw_path)) != nullptr;
}

void Router::route(Request& request, Responder responder) {
  const Segments path = split_path(request.raw_path);
  const std::string_view method = served_as(request.method);
  if (const Route* route = find(method, path)) {
    return call(route->handler, request, params_of(route->segments, path), std::move(responder));
  }
  const Mount* mount = find_mount(request.raw_path);
  if (mount && method == "GET") return call(mount->handler, request, {}, std::move(responder));

  const std::string methods = allowed(request, path);
  if (methods.empty()) return responder.send(error_page(404, "There is nothing at " + request.raw_path));
  Response response = error_page(405, request.method + " is not possible here, but " + methods);
  response.set_header("Allow", methods);
  responder.send(std::move(response));
}

// For Allow (RFC 9110 section 10.2.1); empty where no route has the path.
std::string Router::allowed(const Request& request, const Segments& path) const {
  std::vector<std::string_view> methods;
  for (const Route& route : routes_) {
    if (matches(route.segments, path)) methods.push_back(route.method);
  }
  if (find_mount(request.raw_path)) methods.push_back("GET");
  if (std::find(methods.begin(), methods.end(), "GET") != methods.end()) methods.push_back("HEAD");
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());

  std::string list;
  for (const std::string_view method : methods)
    list.append(list.empty() ? "" : ", ").append(method);
  return list;
}

// The one place where exceptions of HTTP handlers end; the Responder, destroyed on the way, has answered 500.
void Router::call(Handler& handler, Request& request, const Params& params, Responder responder) {
  try {
    handler(request, params, std::move(responder));
  } catch (...) {
    if (on_error_) on_error_(request, std::current_exception());
  }
}

}  // namespace banter::http
