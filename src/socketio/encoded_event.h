// One event on its way to many: encoded once, in each wire form that a receiver needs.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/shared_bytes.h"
#include "engine/link.h"
#include "socketio/payload.h"

namespace banter::socketio {

// What belongs to one operation rather than to the event: the same for all of its receivers.
struct Extras {
  std::optional<std::uint64_t> ack_id;  // every receiver is asked for an answer
  std::string offset{};                 // in the event log: the last element of the data; empty for none
};

// Immutable but for the forms, which are made by whoever needs one first; any thread.
class EncodedEvent {
 public:
  EncodedEvent(std::string_view nsp, const Payload& payload, Extras extras = {})
      : nsp_(nsp), payload_(payload), extras_(std::move(extras)) {}
  EncodedEvent(const EncodedEvent&) = delete;
  EncodedEvent& operator=(const EncodedEvent&) = delete;
  ~EncodedEvent();

  [[nodiscard]] const std::string& nsp() const noexcept { return nsp_; }
  [[nodiscard]] Payload payload() const noexcept { return payload_.view(); }
  [[nodiscard]] const Extras& extras() const noexcept { return extras_; }

  // By the event log, before anybody else has the event.
  void set_offset(std::string offset) noexcept { extras_.offset = std::move(offset); }

  // Plain JSON forms are without the offset: their clients never recover.
  [[nodiscard]] const base::SharedBytes& form(engine::FormKind kind, const engine::FormMaker& maker) const;

 private:
  [[nodiscard]] base::SharedBytes make(engine::FormKind kind, const engine::FormMaker& maker) const;

  std::string nsp_;
  OwnedPayload payload_;
  Extras extras_;
  mutable std::array<std::atomic<const base::SharedBytes*>, engine::form_kinds> forms_{};
};

}  // namespace banter::socketio
