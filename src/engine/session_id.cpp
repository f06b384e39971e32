#include "engine/session_id.h"

#include <algorithm>
#include <string>

#include "base/base64.h"
#include "base/random.h"

namespace banter::engine {

namespace {

// 6 bits a character; -1 for one that is not of the alphabet.
int value_of(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

}  // namespace

std::optional<SessionId> make_session_id(SessionPlace place) {
  std::array<std::byte, session_id_size * 6 / 8> bytes;
  if (!base::random_bytes(bytes)) return std::nullopt;
  bytes[0] = std::byte{place.worker};
  bytes[1] = static_cast<std::byte>(place.slot >> 20);
  bytes[2] = static_cast<std::byte>(place.slot >> 12);
  bytes[3] = static_cast<std::byte>(place.slot >> 4);
  bytes[4] = (bytes[4] & std::byte{0x0F}) | static_cast<std::byte>(place.slot << 4);
  std::string text;
  base::append_base64url(text, bytes);
  SessionId id;
  std::copy_n(text.begin(), id.text.size(), id.text.begin());
  return id;
}

std::optional<SessionPlace> place_of(std::string_view id) noexcept {
  if (id.size() != session_id_size) return std::nullopt;
  std::uint64_t front = 0;  // 36 bits: Worker and slot
  for (const char c : id.substr(0, 6)) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    front = front << 6 | static_cast<std::uint64_t>(value);
  }
  return SessionPlace{static_cast<std::uint8_t>(front >> 28),
                      static_cast<std::uint32_t>(front & (max_session_slots - 1))};
}

}  // namespace banter::engine
