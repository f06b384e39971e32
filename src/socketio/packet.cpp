#include "socketio/packet.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "banter/decode.h"
#include "banter/encode.h"
#include "base/json_scanner.h"
#include "socketio/error.h"

namespace banter::socketio {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_binary(PacketType type) noexcept { return type >= PacketType::binary_event; }

// `count "-"`: at most two digits, none of them a leading zero, so that a long run of them costs nothing.
std::error_code read_count(std::string_view& rest, std::size_t max_attachments, std::size_t& count) {
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 3 && is_digit(rest[digits])) ++digits;
  if (digits == 0 || digits == rest.size() || rest[0] == '0') return Error::bad_attachment_count;
  if (digits == 3) return Error::too_many_attachments;
  if (rest[digits] != '-') return Error::bad_attachment_count;
  std::from_chars(rest.data(), rest.data() + digits, count);
  if (count > max_attachments) return Error::too_many_attachments;
  rest.remove_prefix(digits + 1);
  return {};
}

std::error_code read_namespace(std::string_view& rest, std::string_view& nsp) {
  nsp = "/";
  if (!rest.starts_with('/')) return {};
  const std::size_t comma = rest.find(',');
  nsp = rest.substr(0, comma);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return nsp.size() > max_namespace_length ? make_error_code(Error::namespace_too_long) : std::error_code{};
}

std::error_code read_id(std::string_view& rest, PacketType type, std::optional<std::uint64_t>& id) {
  constexpr std::size_t max_digits = 16;
  const bool may_have_id = type != PacketType::connect && type != PacketType::disconnect && type != PacketType::connect_error;
  std::size_t digits = 0;
  while (digits < rest.size() && digits <= max_digits && is_digit(rest[digits])) ++digits;
  if (digits == 0) return {};
  std::uint64_t value = 0;
  std::from_chars(rest.data(), rest.data() + std::min(digits, max_digits), value);
  if (!may_have_id || digits > max_digits || value > max_ack_id) return Error::bad_id;
  id = value;
  rest.remove_prefix(digits);
  return {};
}

// Moves the event's name from the front of the arguments to packet.name.
std::error_code take_name(Packet& packet) {
  if (packet.arguments.empty()) return Error::bad_payload;
  const std::string_view raw = packet.arguments.front();
  switch (base::kind_of(raw)) {
    case base::JsonKind::string:
      if (!detail::decode_text(raw, packet.name)) return Error::bad_event_name;
      break;
    case base::JsonKind::number: {  // as JavaScript turns a number into text
      double number = 0;
      if (!detail::decode_double(raw, number)) return Error::bad_event_name;
      std::string& name = packet.name.copy();
      name.clear();
      Encoder(name).write_double(number);
      break;
    }
    default: return Error::bad_event_name;
  }
  packet.arguments.erase(packet.arguments.begin());
  return is_reserved_event(packet.name.view()) ? make_error_code(Error::reserved_event_name) : std::error_code{};
}

std::error_code check_payload(std::string_view rest, Packet& packet) {
  packet.data = rest;
  switch (packet.type) {
    case PacketType::connect:
      if (rest.empty()) return {};
      if (!base::is_json(rest)) return Error::bad_json;
      return base::kind_of(rest) == base::JsonKind::object ? std::error_code{} : make_error_code(Error::bad_payload);
    case PacketType::disconnect: return rest.empty() ? std::error_code{} : make_error_code(Error::bad_payload);
    case PacketType::connect_error: return Error::unexpected_packet;
    default: break;
  }
  if (!base::split_array(rest, packet.arguments)) {
    return base::is_json(rest) ? Error::bad_payload : Error::bad_json;
  }
  if (packet.is_event()) return take_name(packet);
  return packet.id ? std::error_code{} : make_error_code(Error::bad_id);
}

}  // namespace

std::error_code read_packet(std::string_view text, std::size_t max_attachments, Packet& packet) {
  packet.attachments = 0;
  packet.id.reset();
  packet.arguments.clear();
  packet.name.look_at({});
  if (text.empty()) return Error::empty_packet;
  if (text[0] < '0' || text[0] > '6') return Error::unknown_type;
  packet.type = static_cast<PacketType>(text[0] - '0');
  std::string_view rest = text.substr(1);
  if (is_binary(packet.type)) {
    if (const auto error = read_count(rest, max_attachments, packet.attachments)) return error;
  }
  if (const auto error = read_namespace(rest, packet.nsp)) return error;
  if (const auto error = read_id(rest, packet.type, packet.id)) return error;
  // White space in front of the payload is not part of any packet.
  if (!rest.empty() && rest[0] <= ' ') return Error::bad_json;
  return check_payload(rest, packet);
}

bool is_reserved_event(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 6> reserved{"connect",       "connect_error", "disconnect",
                                                     "disconnecting", "newListener",   "removeListener"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

void append_head(std::string& out, PacketType type, std::size_t attachments, std::string_view nsp,
                 std::optional<std::uint64_t> id) {
  out += static_cast<char>('0' + static_cast<int>(type));
  if (is_binary(type)) out.append(std::to_string(attachments)).append("-");
  if (nsp != "/") out.append(nsp).append(",");
  if (!id) return;
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *id).ptr;
  out.append(digits.data(), end);
}

}  // namespace banter::socketio
