// What a packet carries, on its way out: the JSON array without its closing bracket, and the attachments.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "banter/bytes.h"
#include "banter/encode.h"

namespace banter::socketio {

// A view, as an Encoder made it.
struct Payload {
  std::string_view json;
  std::size_t name_end = 0;                     // of an event: where its name ends; 0 for an acknowledgement
  std::span<const std::size_t> placeholders{};  // where each attachment's placeholder begins
  std::span<const Bytes> attachments{};
};

[[nodiscard]] inline Payload view_of(Encoder& data, std::size_t name_end) noexcept {
  return {data.text(), name_end, data.placeholders(), data.attachments()};
}

// The same, owned: for what outlives the call, like a task for another thread.
struct OwnedPayload {
  explicit OwnedPayload(const Payload& payload)
      : json(payload.json),
        name_end(payload.name_end),
        placeholders(payload.placeholders.begin(), payload.placeholders.end()),
        attachments(payload.attachments.begin(), payload.attachments.end()) {}

  [[nodiscard]] Payload view() const noexcept { return {json, name_end, placeholders, attachments}; }

  std::string json;
  std::size_t name_end;
  std::vector<std::size_t> placeholders;
  std::vector<Bytes> attachments;
};

}  // namespace banter::socketio
