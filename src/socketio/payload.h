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
#include "base/budget.h"

namespace banter::socketio {

// A view, as an Encoder made it.
struct Payload {
  std::string_view json;
  std::size_t name_end = 0;                     // of an event: where its name ends; 0 for an acknowledgement
  std::span<const std::size_t> placeholders{};  // where each attachment's placeholder begins
  std::span<const Bytes> attachments{};
};

[[nodiscard]] inline std::size_t size_of(const Payload& payload) noexcept {
  std::size_t size = payload.json.size();
  for (const Bytes& bytes : payload.attachments)
    size += bytes.size();
  return size;
}

[[nodiscard]] inline Payload view_of(Encoder& data, std::size_t name_end) noexcept {
  return {data.text(), name_end, data.placeholders(), data.attachments()};
}

// The same, owned: for what outlives the call, like a task for another thread. What is in a mailbox is
// charged to the `budget`, which may be null and outlives it.
struct OwnedPayload {
  explicit OwnedPayload(const Payload& payload, base::Budget* budget = nullptr)
      : json(payload.json),
        name_end(payload.name_end),
        placeholders(payload.placeholders.begin(), payload.placeholders.end()),
        attachments(payload.attachments.begin(), payload.attachments.end()),
        charge(budget, size_of(payload)) {}

  [[nodiscard]] Payload view() const noexcept { return {json, name_end, placeholders, attachments}; }

  std::string json;
  std::size_t name_end;
  std::vector<std::size_t> placeholders;
  std::vector<Bytes> attachments;
  base::Charge charge;
};

}  // namespace banter::socketio
