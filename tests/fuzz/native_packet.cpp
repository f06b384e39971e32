// What the reader of plain JSON events takes can be written again and reads the same.
//
// Input: the text of a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "banter/encode.h"
#include "socketio/native_packet.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using banter::socketio::Packet;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Packet packet;
  if (read_native_packet(text, packet)) return 0;
  require(packet.is_event() || packet.id.has_value());
  require(!packet.is_event() || !banter::socketio::is_reserved_event(packet.name.view()));

  std::string json = "[";
  banter::Encoder out(json);
  std::size_t name_end = 0;
  if (packet.is_event()) {
    out.write_string(packet.name.view());
    name_end = json.size();
  }
  encode_arguments(out, banter::Args(packet.arguments, {}, banter::BinaryForm::base64));
  std::string written;
  append_native_packet(written, banter::socketio::view_of(out, name_end), packet.id);

  Packet again;
  require(!read_native_packet(written, again));
  require(again.type == packet.type && again.id == packet.id && again.arguments == packet.arguments);
  return 0;
}
