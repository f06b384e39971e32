// What the Socket.IO reader takes is consistent: every part lies in the text, and head and payload written
// again read the same.
//
// Input: the text of a packet.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json_scanner.h"
#include "socketio/packet.h"

namespace {

using banter::socketio::Packet;
using banter::socketio::PacketType;

void require(bool holds) {
  if (!holds) std::abort();
}

bool lies_in(std::string_view part, std::string_view text) {
  return part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size();
}

void check(const Packet& packet, std::string_view text) {
  require(packet.nsp.starts_with('/') && packet.nsp.size() <= banter::socketio::max_namespace_length);
  require(packet.attachments <= 10);
  require((packet.type >= PacketType::binary_event) == (packet.attachments > 0));
  require(!packet.id || *packet.id <= banter::socketio::max_ack_id);
  require(packet.data.empty() || (lies_in(packet.data, text) && banter::base::is_json(packet.data)));
  for (const std::string_view argument : packet.arguments)
    require(lies_in(argument, text) && banter::base::is_json(argument));
  if (packet.is_event()) require(!banter::socketio::is_reserved_event(packet.name.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Packet packet;
  if (read_packet(text, 10, packet)) return 0;
  check(packet, text);

  std::string written;
  append_head(written, packet.type, packet.attachments, packet.nsp, packet.id);
  written += packet.data;
  Packet again;
  require(!read_packet(written, 10, again));
  require(again.type == packet.type && again.attachments == packet.attachments && again.nsp == packet.nsp);
  require(again.id == packet.id && again.data == packet.data && again.arguments == packet.arguments);
  require(again.name.view() == packet.name.view());
  return 0;
}
