#include "socketio/encoded_event.h"

#include <memory>

#include "banter/encode.h"
#include "socketio/native_packet.h"
#include "socketio/packet.h"

namespace banter::socketio {

EncodedEvent::~EncodedEvent() {
  for (auto& form : forms_)
    delete form.load(std::memory_order_acquire);
}

const base::SharedBytes& EncodedEvent::form(engine::FormKind kind, const engine::FormMaker& maker) const {
  auto& place = forms_[static_cast<std::size_t>(kind)];
  if (const auto* ready = place.load(std::memory_order_acquire)) return *ready;
  auto made = std::make_unique<const base::SharedBytes>(make(kind, maker));
  const base::SharedBytes* first = nullptr;
  if (!place.compare_exchange_strong(first, made.get(), std::memory_order_acq_rel)) return *first;
  return *made.release();
}

base::SharedBytes EncodedEvent::make(engine::FormKind kind, const engine::FormMaker& maker) const {
  std::string text;
  if (kind == engine::FormKind::native || kind == engine::FormKind::native_deflated) {
    append_native_packet(text, payload_.view(), extras_.ack_id);
    return maker.make(kind, text, {});
  }
  const std::size_t attachments = payload_.attachments.size();
  append_head(text, attachments == 0 ? PacketType::event : PacketType::binary_event, attachments, nsp_,
              extras_.ack_id);
  text.append(payload_.json);
  if (!extras_.offset.empty()) {
    text += ',';
    Encoder(text).write_string(extras_.offset);
  }
  text += ']';
  return maker.make(kind, text, payload_.attachments);
}

}  // namespace banter::socketio
