#include "socketio/native_packet.h"

#include <vector>

#include "banter/decode.h"
#include "base/json_scanner.h"
#include "base/placeholders.h"
#include "socketio/error.h"

namespace banter::socketio {

namespace {

// The raw values of the keys that count; empty if missing.
struct Members {
  std::string_view name, data, id;
};

std::error_code find_members(std::string_view text, Members& found) {
  thread_local std::vector<base::RawMember> members;
  if (!base::split_object(text, members)) return base::is_json(text) ? Error::bad_native_message : Error::bad_json;
  detail::TextStorage key;
  for (const auto& [raw_key, value] : members) {
    if (!detail::decode_text(raw_key, key)) continue;
    if (key.view() == "name") found.name = value;
    if (key.view() == "data") found.data = value;
    if (key.view() == "id") found.id = value;
  }
  return {};
}

std::error_code read_id(std::string_view raw, Packet& packet) {
  if (raw.empty()) return {};
  std::uint64_t id = 0;
  if (base::kind_of(raw) != base::JsonKind::number || !detail::decode_integer(raw, id) || id > max_ack_id) {
    return Error::bad_id;
  }
  packet.id = id;
  return {};
}

}  // namespace

std::error_code read_native_packet(std::string_view text, Packet& packet) {
  packet.attachments = 0;
  packet.id.reset();
  packet.arguments.clear();
  packet.name.look_at({});
  packet.nsp = "/";
  Members members;
  if (const auto error = find_members(text, members)) return error;
  if (const auto error = read_id(members.id, packet)) return error;
  packet.data = members.data.empty() ? std::string_view("[]") : members.data;
  if (!base::split_array(packet.data, packet.arguments)) return Error::bad_payload;
  if (members.name.empty()) {
    packet.type = PacketType::ack;
    return packet.id ? std::error_code{} : make_error_code(Error::bad_native_message);
  }
  packet.type = PacketType::event;
  if (base::kind_of(members.name) != base::JsonKind::string || !detail::decode_text(members.name, packet.name)) {
    return Error::bad_event_name;
  }
  return is_reserved_event(packet.name.view()) ? make_error_code(Error::reserved_event_name) : std::error_code{};
}

void append_native_packet(std::string& out, const Payload& payload, std::optional<std::uint64_t> id) {
  out += '{';
  if (payload.name_end != 0) {
    out.append("\"name\":").append(payload.json.substr(1, payload.name_end - 1)).append(",");
  }
  if (id) out.append("\"id\":").append(std::to_string(*id)).append(",");
  out += "\"data\":[";
  // Behind the bracket, or behind the name and its comma if there are arguments.
  std::size_t begin = payload.name_end == 0 ? 1 : payload.name_end;
  if (begin < payload.json.size() && payload.json[begin] == ',') ++begin;
  std::vector<std::size_t> offsets(payload.placeholders.begin(), payload.placeholders.end());
  for (std::size_t& offset : offsets) offset -= begin;
  base::append_with_base64(out, payload.json.substr(begin), offsets, payload.attachments);
  out += "]}";
}

}  // namespace banter::socketio
