#include "engine/session_table.h"

#include <utility>

namespace banter::engine {

SessionTable::SessionTable(loop::Loop& loop, const Settings& settings, Counters& counters,
                           std::uint8_t worker)
    : loop_(loop), settings_(settings), counters_(counters), worker_(worker) {}

SessionTable::~SessionTable() = default;

std::optional<SessionId> SessionTable::next_id() {
  if (free_.empty()) {
    if (slots_.size() == max_session_slots) return std::nullopt;
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  return make_session_id({worker_, free_.back()});
}

Session& SessionTable::open(const SessionId& id, HandshakeRecord handshake) {
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = std::make_unique<Session>(*this, id, std::move(handshake));
  counters_.sessions.add();
  counters_.opened.add();
  return *slots_[slot];
}

Session* SessionTable::find(std::string_view id) const noexcept {
  const auto place = place_of(id);
  if (!place || place->worker != worker_ || place->slot >= slots_.size()) return nullptr;
  Session* session = slots_[place->slot].get();
  return session && session->id().view() == id && session->is_known() ? session : nullptr;
}

void SessionTable::release(Session& session) {
  const std::uint32_t slot = place_of(session.id().view())->slot;
  loop_.retire(std::move(slots_[slot]));
  free_.push_back(slot);
  counters_.sessions.subtract();
}

}  // namespace banter::engine
