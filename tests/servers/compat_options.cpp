#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "compat.h"

namespace compat {
namespace {

using banter::json;
using banter::Options;

using Setter = void (*)(Options&, const std::string& value);

constexpr std::array setters = std::to_array<std::pair<const char*, Setter>>({
    {"--path", [](Options& to, const std::string& value) { to.path = value; }},
    {"--serve-client", [](Options& to, const std::string& value) { to.serve_client = value == "1"; }},
    {"--polling", [](Options& to, const std::string& value) { to.polling = value == "1"; }},
    {"--websocket", [](Options& to, const std::string& value) { to.websocket = value == "1"; }},
    {"--allow-upgrades", [](Options& to, const std::string& value) { to.allow_upgrades = value == "1"; }},
    {"--cookie",
     [](Options& to, const std::string& value) { to.cookie = banter::CookieOptions{.name = value}; }},
    {"--compress-polls-from",
     [](Options& to, const std::string& value) { to.compress_polls_from = std::stoul(value); }},
    {"--max-attachments",
     [](Options& to, const std::string& value) { to.max_attachments = std::stoul(value); }},
    {"--cleanup-namespaces",
     [](Options& to, const std::string& value) { to.cleanup_empty_namespaces = value == "1"; }},
});

std::optional<Setter> setter_of(const char* name) {
  for (const auto& [known, setter] : setters) {
    if (std::strcmp(known, name) == 0) return setter;
  }
  return std::nullopt;
}

}  // namespace

std::vector<char*> take_options(int argc, char** argv, Options& options) {
  std::vector<char*> others(argv, argv + std::min(argc, 1));
  for (int at = 1; at < argc; ++at) {
    if (const auto set = setter_of(argv[at]); set && at + 1 < argc) {
      (*set)(options, argv[++at]);
    } else {
      others.push_back(argv[at]);
    }
  }
  return others;
}

void register_handshakes(banter::Server& io) {
  io.allow_request([](const banter::Request& request, banter::Admission admission) {
    if (request.query("refuse") != "me") return admission.allow();
    admission.refuse("not you");
  });
  io.on_initial_headers(
      [](const banter::Request&, banter::AnswerHeaders& headers) { headers.add("X-First", "once"); });
  io.on_headers(
      [](const banter::Request&, banter::AnswerHeaders& headers) { headers.add("X-Every", "time"); });
  const auto errors = std::make_shared<json>(json::array());
  io.on_connection_error([errors](const banter::ConnectionError& error) {
    errors->push_back(json::array({error.code, std::string(error.message)}));
  });
  io.on("connection-errors", [errors](banter::Socket, banter::Ack<json> answer) { answer(*errors); });
}

}  // namespace compat
