// Session ids that name their place: 24 characters of A-Z a-z 0-9 - _ for
//
//   Worker (8 bits) | slot (28 bits) | random (108 bits)
//
// so that any Worker knows the owner without a shared table. Secret, and compared in whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace banter::engine {

inline constexpr std::size_t session_id_size = 24;
inline constexpr std::uint32_t max_session_slots = 1U << 28;

struct SessionId {
  std::array<char, session_id_size> text{};

  [[nodiscard]] std::string_view view() const noexcept { return {text.data(), text.size()}; }
  friend bool operator==(const SessionId&, const SessionId&) = default;
};

struct SessionPlace {
  std::uint8_t worker = 0;
  std::uint32_t slot = 0;

  friend bool operator==(const SessionPlace&, const SessionPlace&) = default;
};

// Nothing if there are no random bytes. `place.slot` is below max_session_slots.
[[nodiscard]] std::optional<SessionId> make_session_id(SessionPlace place);

// Where a session with this id would be; nothing if it cannot be an id.
[[nodiscard]] std::optional<SessionPlace> place_of(std::string_view id) noexcept;

}  // namespace banter::engine
