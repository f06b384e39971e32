#include "engine/link.h"

#include "base/base64.h"
#include "engine/packet.h"
#include "engine/payload.h"
#include "websocket/deflate.h"
#include "websocket/frame_writer.h"

namespace banter::engine {

namespace {

bool is_deflated(FormKind kind) noexcept {
  return kind == FormKind::websocket_deflated || kind == FormKind::native_deflated;
}

base::SharedBytes make_payload(std::string_view text, std::span<const Bytes> attachments) {
  std::string payload;
  append_message(payload, std::span(&text, 1));
  for (const Bytes& bytes : attachments)
    append_binary(payload, bytes.span());
  return base::SharedBytes::take(std::move(payload));
}

}  // namespace

void FormMaker::append(std::string& frames, FormKind kind, MessageKind message,
                       std::string_view payload) const {
  if (is_deflated(kind) && payload.size() >= compressors_->settings().threshold) {
    return websocket::append_deflated_message(frames, message, payload, compressors_->deflater());
  }
  websocket::append_message(frames, message, payload);
}

base::SharedBytes FormMaker::make(FormKind kind, std::string_view text,
                                  std::span<const Bytes> attachments) const {
  if (kind == FormKind::polling) return make_payload(text, attachments);
  std::string frames;
  if (kind == FormKind::native || kind == FormKind::native_deflated) {
    append(frames, kind, MessageKind::text, text);
    return base::SharedBytes::take(std::move(frames));
  }
  std::string packet(1, static_cast<char>(PacketType::message));
  packet.append(text);
  append(frames, kind, MessageKind::text, packet);
  for (const Bytes& bytes : attachments) {
    if (kind != FormKind::websocket_base64) {
      append(frames, kind, MessageKind::binary, bytes.text());
      continue;
    }
    packet.assign(1, base64_mark);
    base::append_base64(packet, bytes.span());
    append(frames, kind, MessageKind::text, packet);
  }
  return base::SharedBytes::take(std::move(frames));
}

}  // namespace banter::engine
