// One event on its way to many: encoded once, in each wire form that a receiver needs.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "base/shared_bytes.h"
#include "engine/link.h"
#include "socketio/payload.h"

namespace banter::socketio {

// Immutable but for the forms, which are made by whoever needs one first; any thread.
class EncodedEvent {
 public:
  EncodedEvent(std::string_view nsp, const Payload& payload) : nsp_(nsp), payload_(payload) {}
  EncodedEvent(const EncodedEvent&) = delete;
  EncodedEvent& operator=(const EncodedEvent&) = delete;
  ~EncodedEvent();

  [[nodiscard]] Payload payload() const noexcept { return payload_.view(); }

  [[nodiscard]] const base::SharedBytes& form(engine::FormKind kind, const engine::FormMaker& maker) const;

 private:
  [[nodiscard]] base::SharedBytes make(engine::FormKind kind, const engine::FormMaker& maker) const;

  std::string nsp_;
  OwnedPayload payload_;
  mutable std::array<std::atomic<const base::SharedBytes*>, engine::form_kinds> forms_{};
};

}  // namespace banter::socketio
