#include "options.h"

#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace fixture {
namespace {

using std::chrono::milliseconds;

// How one option is taken: its own name for the message, and its value.
using Setter = void (*)(Options&, std::string_view name, std::string_view value);

std::uint64_t number(std::string_view name, std::string_view text, std::uint64_t largest) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > largest) {
    throw std::invalid_argument(std::string(name) + ": '" + std::string(text) +
                                "' is not a number from 0 to " + std::to_string(largest));
  }
  return value;
}

std::size_t bytes(std::string_view name, std::string_view text) {
  return number(name, text, std::numeric_limits<std::int64_t>::max());
}

milliseconds duration(std::string_view name, std::string_view text) {
  constexpr milliseconds longest = std::chrono::hours{24 * 365};
  return milliseconds(number(name, text, static_cast<std::uint64_t>(longest.count())));
}

std::vector<std::string> list(std::string_view text) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

constexpr std::array setters = std::to_array<std::pair<std::string_view, Setter>>({
    {"--host", [](Options& to, std::string_view, std::string_view value) { to.host = value; }},
    {"--port",
     [](Options& to, std::string_view name,
        std::string_view value) { to.port = static_cast<std::uint16_t>(number(name, value, 65'535)); }},
    {"--public", [](Options& to, std::string_view, std::string_view value) { to.public_folder = value; }},
    {"--node", [](Options& to, std::string_view, std::string_view value) { to.node = value; }},
    {"--threads", [](Options& to, std::string_view name,
                     std::string_view value) { to.server.threads = number(name, value, 1'024); }},
    {"--ping-interval", [](Options& to, std::string_view name,
                           std::string_view value) { to.server.ping_interval = duration(name, value); }},
    {"--ping-timeout", [](Options& to, std::string_view name,
                          std::string_view value) { to.server.ping_timeout = duration(name, value); }},
    {"--upgrade-timeout", [](Options& to, std::string_view name,
                             std::string_view value) { to.server.upgrade_timeout = duration(name, value); }},
    {"--connect-timeout", [](Options& to, std::string_view name,
                             std::string_view value) { to.server.connect_timeout = duration(name, value); }},
    {"--recovery",
     [](Options& to, std::string_view name,
        std::string_view
            value) { to.server.recovery = banter::RecoveryOptions{.max_duration = duration(name, value)}; }},
    {"--max-payload", [](Options& to, std::string_view name,
                         std::string_view value) { to.server.max_payload = bytes(name, value); }},
    {"--cors",
     [](Options& to, std::string_view, std::string_view value) { to.server.cors.origins = list(value); }},
    {"--high-water", [](Options& to, std::string_view name,
                        std::string_view value) { to.server.high_water = bytes(name, value); }},
    {"--max-queue", [](Options& to, std::string_view name,
                       std::string_view value) { to.server.max_queue = bytes(name, value); }},
    {"--budget", [](Options& to, std::string_view name,
                    std::string_view value) { to.server.budget = bytes(name, value); }},
    {"--stall-timeout", [](Options& to, std::string_view name,
                           std::string_view value) { to.server.stall_timeout = duration(name, value); }},
});

// The options without a value; false for any other.
bool set_flag(banter::Options& options, std::string_view name) {
  if (name == "--deflate") {
    options.deflate = banter::DeflateOptions{.threshold = 0, .context_takeover = true};
  } else if (name == "--metrics") {
    options.metrics_path = "/metrics";
  } else {
    return false;
  }
  return true;
}

Setter setter_of(std::string_view name) {
  for (const auto& [known, setter] : setters) {
    if (known == name) return setter;
  }
  throw std::invalid_argument("unknown option '" + std::string(name) + "'");
}

}  // namespace

Options parse_options(int argc, char** argv, banter::Options defaults) {
  Options options{.server = std::move(defaults)};
  for (int at = 1; at < argc; at += 2) {
    const std::string_view name = argv[at];
    if (set_flag(options.server, name)) {
      --at;  // no value
      continue;
    }
    const Setter set = setter_of(name);
    if (at + 1 == argc) throw std::invalid_argument(std::string(name) + ": a value is missing");
    set(options, name, argv[at + 1]);
  }
  return options;
}

}  // namespace fixture
