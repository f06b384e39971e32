#include "engine/transport.h"

#include "base/base64.h"
#include "engine/packet.h"

namespace banter::engine {

void deliver(TransportHandler& handler, std::string_view packet) {
  if (!packet.starts_with(base64_mark)) return handler.on_packet(packet);
  Bytes bytes;
  if (!base::decode_base64(packet.substr(1), bytes)) return handler.on_packet({});
  handler.on_binary(bytes.span());
}

}  // namespace banter::engine
