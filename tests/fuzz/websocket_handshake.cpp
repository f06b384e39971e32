// Any request is answered by an acceptance that keeps the rules, or by a refusal with one of our statuses.
//
// Input: "METHOD minor-version" on the first line, then header lines "name:value", all ended by LF.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>
#include <vector>

#include "websocket/handshake.h"

namespace {

using namespace banter::websocket;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

void check(const Acceptance& acceptance, const HandshakeRequest& request) {
  require(request.method == "GET" && is_websocket_request(request));
  require(acceptance.accept.size() == 28 && acceptance.accept.back() == '=');
  require(acceptance.subprotocol.find_first_of(", \t\r\n\0:;\"", 0, 9) == std::string_view::npos);
  const std::string head = switching_protocols(acceptance);
  require(head.starts_with("HTTP/1.1 101 ") && head.find("\r\n\r\n") == head.size() - 4);
}

void check(const Refusal& refusal, const HandshakeRequest&) {
  require(refusal.status == 400 || refusal.status == 405 || refusal.status == 426);
  require(!refusal.body.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = take_line(text);
  const std::size_t blank = first.find(' ');
  HandshakeRequest request{.method = first.substr(0, blank)};
  request.http_minor = blank != std::string_view::npos && first.substr(blank + 1) == "0" ? 0 : 1;
  std::vector<Field> fields;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) fields.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  request.fields = fields;

  const std::string_view supported[] = {"chat", "json"};
  for (const Subprotocols& subprotocols : {Subprotocols{}, Subprotocols{supported}}) {
    const auto answer = check_handshake(request, subprotocols);
    std::visit([&](const auto& result) { check(result, request); }, answer);
  }
  return 0;
}
