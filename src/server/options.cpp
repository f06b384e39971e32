#include "banter/options.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

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
  if (origin == "*" || origin == "null") return;
  const std::size_t scheme = origin.find("://");
  const bool is_origin = scheme != std::string::npos && scheme > 0 && scheme + 3 < origin.size() &&
                         origin.find('/', scheme + 3) == std::string::npos;
  if (!is_origin)
    refuse("cors.origins", "\"" + origin + "\"", "an origin is scheme://host[:port], without a path");
}

void check_times(const Options& options) {
  check_time("ping_interval", options.ping_interval);
  check_time("ping_timeout", options.ping_timeout);
  check_time("connect_timeout", options.connect_timeout);
  check_time("middleware_timeout", options.middleware_timeout);
  check_time("ack_timeout", options.ack_timeout);
  check_time("stall_timeout", options.stall_timeout);
  check_time("http.head_timeout", options.http.head_timeout);
  check_time("http.body_timeout", options.http.body_timeout);
  check_time("http.keep_alive_timeout", options.http.keep_alive_timeout);
}

}  // namespace

void Options::validate() const {
  if (threads != 1) refuse("threads", std::to_string(threads), "only one Worker is supported so far");
  if (!path.starts_with('/')) refuse("path", "\"" + path + "\"", "a path begins with a slash");
  check_times(*this);
  check_at_least("max_payload", max_payload, 1024);
  if (max_attachments < 1 || max_attachments > 99) {
    refuse("max_attachments", std::to_string(max_attachments), "must be from 1 to 99");
  }
  check_at_least("high_water", high_water, 1);
  check_at_least("max_queue", max_queue, std::max(max_payload, high_water));
  check_at_least("http.max_request_line", http.max_request_line, 256);
  check_at_least("http.max_head", http.max_head, 1024);
  check_at_least("http.max_headers", http.max_headers, 16);
  if (close_timeout != server::bounded(close_timeout)) {
    refuse("close_timeout", std::to_string(close_timeout.count()) + " ms", "must be from zero to a year");
  }
  for (const std::string& origin : cors.origins)
    check_origin(origin);
  for (const std::string& name : keep_headers) {
    const bool has_upper = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (name.empty() || has_upper) refuse("keep_headers", "\"" + name + "\"", "names are in lower case");
  }
}

}  // namespace banter
