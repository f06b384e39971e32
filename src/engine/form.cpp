#include "engine/link.h"

#include "base/base64.h"
#include "engine/packet.h"
#include "engine/payload.h"
#include "websocket/frame_writer.h"

namespace banter::engine {

base::SharedBytes make_form(FormKind kind, std::string_view text, std::span<const Bytes> attachments) {
  std::string form;
  if (kind == FormKind::native) {
    websocket::append_message(form, MessageKind::text, text);
    return base::SharedBytes::take(std::move(form));
  }
  if (kind == FormKind::polling) {
    append_message(form, std::span(&text, 1));
    for (const Bytes& bytes : attachments)
      append_binary(form, bytes.span());
    return base::SharedBytes::take(std::move(form));
  }
  std::string packet(1, static_cast<char>(PacketType::message));
  packet.append(text);
  websocket::append_message(form, MessageKind::text, packet);
  for (const Bytes& bytes : attachments) {
    if (kind == FormKind::websocket) {
      websocket::append_message(form, MessageKind::binary, bytes.text());
    } else {
      packet.assign(1, base64_mark);
      base::append_base64(packet, bytes.span());
      websocket::append_message(form, MessageKind::text, packet);
    }
  }
  return base::SharedBytes::take(std::move(form));
}

}  // namespace banter::engine
