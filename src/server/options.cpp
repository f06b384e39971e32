#include "banter/options.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include "http/origin.h"
#include "http/text.h"
#include "server/timers.h"

namespace banter {

namespace {

[[noreturn]] void refuse(std::string_view field, const std::string& value, std::string_view rule) {
  throw std::invalid_argument("banter: option " + std::string(field) + ": " + value + ": " +
                              std::string(rule));
}

void check_time(std::string_view field, std::chrono::milliseconds value) {
  const std::string shown = std::to_string(value.count()) + " ms";
  if (value.count() <= 0) refuse(field, shown, "must be greater than zero");
  if (value > server::longest_delay) refuse(field, shown, "must be at most a year");
}

void check_at_least(std::string_view field, std::size_t value, std::size_t least) {
  if (value < least) refuse(field, std::to_string(value), "must be at least " + std::to_string(least));
}

void check_origin(const std::string& origin) {
  if (origin == "*") return;
  try {
    static_cast<void>(http::normalize_origin(origin));
  } catch (const std::invalid_argument&) {
    refuse("cors.origins", "\"" + origin + "\"", "an origin is scheme://host[:port], without a path");
  }
}

void check_tokens(std::string_view field, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!http::is_token(name)) refuse(field, "\"" + name + "\"", "not a token (RFC 9110 section 5.6.2)");
  }
}

void check_max_age(std::string_view field, std::optional<std::chrono::seconds> value) {
  if (value && value->count() < 0)
    refuse(field, std::to_string(value->count()) + " s", "must not be below zero");
}

void check_times(const Options& options) {
  check_time("ping_interval", options.ping_interval);
  check_time("ping_timeout", options.ping_timeout);
  check_time("connect_timeout", options.connect_timeout);
  check_time("middleware_timeout", options.middleware_timeout);
  check_time("ack_timeout", options.ack_timeout);
  check_time("stall_timeout", options.stall_timeout);
  check_time("upgrade_timeout", options.upgrade_timeout);
  check_time("allow_request_timeout", options.allow_request_timeout);
  check_time("stall_threshold", options.stall_threshold);
  check_time("http.head_timeout", options.http.head_timeout);
  check_time("http.body_timeout", options.http.body_timeout);
  check_time("http.keep_alive_timeout", options.http.keep_alive_timeout);
}

void check_between(std::string_view field, int value, int least, int most) {
  if (value >= least && value <= most) return;
  refuse(field, std::to_string(value),
         "must be from " + std::to_string(least) + " to " + std::to_string(most));
}

void check_deflate(const DeflateOptions& deflate) {
  check_between("deflate.window_bits", deflate.window_bits, 9, 15);
  check_between("deflate.memory_level", deflate.memory_level, 1, 9);
  check_between("deflate.level", deflate.level, 1, 9);
}

void check_rate(const EventRate& rate) {
  if (!(rate.per_second > 0) || !std::isfinite(rate.per_second))
    refuse("event_rate.per_second", std::to_string(rate.per_second), "must be greater than zero");
  if (!(rate.burst >= 1) || !std::isfinite(rate.burst))
    refuse("event_rate.burst", std::to_string(rate.burst), "must be at least 1");
}

void check_cors(const CorsOptions& cors) {
  for (const std::string& origin : cors.origins)
    check_origin(origin);
  const bool has_any = std::find(cors.origins.begin(), cors.origins.end(), "*") != cors.origins.end();
  if (cors.credentials && has_any) {
    refuse("cors.credentials", "true", "browsers refuse it together with origin \"*\": name the origins");
  }
  check_tokens("cors.methods", cors.methods);
  check_tokens("cors.allowed_headers", cors.allowed_headers);
  check_tokens("cors.exposed_headers", cors.exposed_headers);
  check_max_age("cors.max_age", cors.max_age);
}

void check_recovery(const RecoveryOptions& recovery) {
  check_time("recovery.max_duration", recovery.max_duration);
  check_at_least("recovery.max_entries", recovery.max_entries, 1);
  check_at_least("recovery.max_bytes", recovery.max_bytes, 1);
  check_at_least("recovery.max_sessions", recovery.max_sessions, 1);
}

// RFC 6265 section 4.1.1: what would end the cookie, or begin another attribute, cannot be part of it.
void check_cookie(const CookieOptions& cookie) {
  const auto is_clean = [](const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
      return c <= ' ' || c == 0x7f || std::string_view(";,=\"\\").find(c) != std::string_view::npos;
    });
  };
  if (cookie.name.empty() || !is_clean(cookie.name))
    refuse("cookie.name", "\"" + cookie.name + "\"", "not the name of a cookie");
  if (!cookie.path.starts_with('/') || !is_clean(cookie.path))
    refuse("cookie.path", "\"" + cookie.path + "\"", "not a path");
  if (!is_clean(cookie.domain)) refuse("cookie.domain", "\"" + cookie.domain + "\"", "not a domain");
  check_max_age("cookie.max_age", cookie.max_age);
  const bool is_secure = cookie.secure || cookie.same_site != CookieOptions::SameSite::none;
  if (!is_secure) refuse("cookie.same_site", "none", "browsers refuse it unless the cookie is secure");
}

}  // namespace

void Options::validate() const {
  if (threads != 1) refuse("threads", std::to_string(threads), "only one Worker is supported so far");
  if (!path.starts_with('/')) refuse("path", "\"" + path + "\"", "a path begins with a slash");
  if (metrics_path && !metrics_path->starts_with('/'))
    refuse("metrics_path", "\"" + *metrics_path + "\"", "a path begins with a slash");
  check_times(*this);
  check_at_least("max_payload", max_payload, 1024);
  if (max_attachments < 1 || max_attachments > 99) {
    refuse("max_attachments", std::to_string(max_attachments), "must be from 1 to 99");
  }
  check_at_least("max_event_name", max_event_name, 1);
  check_at_least("max_namespaces", max_namespaces, 1);
  if (event_rate) check_rate(*event_rate);
  check_at_least("high_water", high_water, 1);
  check_at_least("max_queue", max_queue, std::max(max_payload, high_water));
  check_at_least("budget", budget, max_queue);
  check_at_least("http.max_request_line", http.max_request_line, 256);
  check_at_least("http.max_head", http.max_head, 1024);
  check_at_least("http.max_headers", http.max_headers, 16);
  if (close_timeout != server::bounded(close_timeout)) {
    refuse("close_timeout", std::to_string(close_timeout.count()) + " ms", "must be from zero to a year");
  }
  check_cors(cors);
  if (cookie) check_cookie(*cookie);
  if (deflate) check_deflate(*deflate);
  if (recovery) check_recovery(*recovery);
  if (!polling && !websocket) refuse("polling", "false", "without websocket there is no transport");
  for (const std::string& name : keep_headers) {
    const bool has_upper = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (name.empty() || has_upper) refuse("keep_headers", "\"" + name + "\"", "names are in lower case");
  }
}

}  // namespace banter
