#include "engine/link.h"

#include "base/base64.h"
#include "engine/packet.h"
#include "websocket/frame_writer.h"

namespace banter::engine {

base::SharedBytes make_form(FormKind kind, std::string_view text, std::span<const Bytes> attachments) {
  std::string frames;
  if (kind == FormKind::native) {
    websocket::append_message(frames, MessageKind::text, text);
    return base::SharedBytes::take(std::move(frames));
  }
  std::string packet(1, static_cast<char>(PacketType::message));
  packet.append(text);
  websocket::append_message(frames, MessageKind::text, packet);
  for (const Bytes& bytes : attachments) {
    if (kind == FormKind::websocket) {
      websocket::append_message(frames, MessageKind::binary, bytes.text());
    } else {
      packet.assign(1, base64_mark);
      base::append_base64(packet, bytes.span());
      websocket::append_message(frames, MessageKind::text, packet);
    }
  }
  return base::SharedBytes::take(std::move(frames));
}

}  // namespace banter::engine
