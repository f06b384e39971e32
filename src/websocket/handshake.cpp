#include "websocket/handshake.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "base/base64.h"
#include "base/sha1.h"

namespace banter::websocket {

namespace {

constexpr std::array<Field, 1> allow_get{{{"Allow", "GET"}}};
constexpr std::array<Field, 2> want_upgrade{{{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}}};

constexpr Refusal not_get{405, allow_get, "A WebSocket is opened with GET (RFC 6455 section 4.1).\n"};
constexpr Refusal not_upgrade{
    426, want_upgrade,
    "This is a WebSocket endpoint: the request needs HTTP/1.1, \"Upgrade: websocket\" and "
    "\"Connection: Upgrade\". Does a proxy on the way drop them?\n"};
constexpr Refusal has_body{400, {}, "A WebSocket request has no body.\n"};
constexpr Refusal bad_version{426, want_upgrade, "Sec-WebSocket-Version must be 13.\n"};
constexpr Refusal bad_key{
    400, {}, "Sec-WebSocket-Key must be there once: 24 characters, 16 bytes in base64.\n"};
constexpr Refusal bad_subprotocols{
    400, {}, "Sec-WebSocket-Protocol must be a comma-separated list of tokens, none of them twice.\n"};
constexpr Refusal no_sha1{500, {}, "The server cannot compute Sec-WebSocket-Accept: no SHA-1.\n"};

std::string_view trim(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `visit` with each element of a comma-separated list, blanks trimmed, until it answers false. False
// then.
template <class Visit>
bool for_each_element(std::string_view list, Visit visit) {
  for (std::size_t begin = 0;;) {
    const std::size_t end = list.find(',', begin);
    if (!visit(trim(list.substr(begin, end - begin)))) return false;
    if (end == list.npos) return true;
    begin = end + 1;
  }
}

// Header lines of one name form one list (RFC 9110 section 5.3).
bool has_token(std::span<const Field> fields, std::string_view name, std::string_view token) noexcept {
  return std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
    const auto differs = [&](std::string_view element) { return !equal_ignoring_case(element, token); };
    return equal_ignoring_case(field.name, name) && !for_each_element(field.value, differs);
  });
}

// The value of a header line that must be there exactly once.
std::optional<std::string_view> only_value(std::span<const Field> fields, std::string_view name) noexcept {
  const auto is_it = [&](const Field& field) { return equal_ignoring_case(field.name, name); };
  const auto found = std::find_if(fields.begin(), fields.end(), is_it);
  if (found == fields.end() || std::any_of(found + 1, fields.end(), is_it)) return std::nullopt;
  return trim(found->value);
}

bool announces_body(std::span<const Field> fields) noexcept {
  return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
    return equal_ignoring_case(field.name, "Transfer-Encoding") ||
           (equal_ignoring_case(field.name, "Content-Length") && trim(field.value) != "0");
  });
}

// 16 bytes are 22 characters and two of padding. What the four unused bits of the 22nd hold does not matter
// here.
bool is_key(std::string_view key) noexcept {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return std::all_of(key.begin(), key.end() - 2,
                     [](char c) { return is_alphanumeric(c) || c == '+' || c == '/'; });
}

// The tokens offered, in order. Nothing if the lists are ill-formed or repeat one (RFC 6455 section 4.1, item
// 10).
std::optional<std::vector<std::string_view>> read_subprotocols(std::span<const Field> fields) {
  std::vector<std::string_view> offered;
  for (const Field& field : fields) {
    if (!equal_ignoring_case(field.name, "Sec-WebSocket-Protocol")) continue;
    const auto take = [&](std::string_view element) {
      offered.push_back(element);
      return is_token(element);
    };
    if (!for_each_element(field.value, take)) return std::nullopt;
  }
  std::vector<std::string_view> sorted = offered;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return std::nullopt;
  return offered;
}

std::string_view choose(const std::vector<std::string_view>& offered, Subprotocols supported) {
  const auto fits = [&](std::string_view name) {
    return !supported || std::find(supported->begin(), supported->end(), name) != supported->end();
  };
  const auto chosen = std::find_if(offered.begin(), offered.end(), fits);
  return chosen == offered.end() ? std::string_view{} : *chosen;
}

}  // namespace

bool is_websocket_request(const HandshakeRequest& request) noexcept {
  return request.http_major == 1 && request.http_minor >= 1 &&
         has_token(request.fields, "Upgrade", "websocket") &&
         has_token(request.fields, "Connection", "Upgrade");
}

std::variant<Acceptance, Refusal> check_handshake(const HandshakeRequest& request, Subprotocols supported,
                                                  const DeflateSettings* deflate) {
  if (request.method != "GET") return not_get;
  if (!is_websocket_request(request)) return not_upgrade;
  if (announces_body(request.fields)) return has_body;
  if (only_value(request.fields, "Sec-WebSocket-Version") != "13") return bad_version;
  const std::optional<std::string_view> key = only_value(request.fields, "Sec-WebSocket-Key");
  if (!key || !is_key(*key)) return bad_key;
  const auto offered = read_subprotocols(request.fields);
  if (!offered) return bad_subprotocols;
  std::optional<std::string> accept = accept_for(*key);
  if (!accept) return no_sha1;
  Acceptance acceptance{std::move(*accept), choose(*offered, supported)};
  if (deflate) acceptance.deflate = negotiate_deflate(request.fields, *deflate);
  return acceptance;
}

std::optional<std::string> accept_for(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const std::optional<base::Sha1> digest = base::sha1(std::as_bytes(std::span(text)));
  if (!digest) return std::nullopt;
  std::string accept;
  base::append_base64(accept, *digest);
  return accept;
}

std::string switching_protocols(const Acceptance& acceptance, std::span<const Field> extra) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Sec-WebSocket-Accept", acceptance.accept);
  if (!acceptance.subprotocol.empty()) add("Sec-WebSocket-Protocol", acceptance.subprotocol);
  if (acceptance.deflate) add("Sec-WebSocket-Extensions", acceptance.deflate->extensions);
  for (const Field& field : extra)
    add(field.name, field.value);
  return head + "\r\n";
}

}  // namespace banter::websocket
