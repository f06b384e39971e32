#include "socketio/broadcast_acks.h"

#include <algorithm>
#include <utility>

#include "banter/error.h"
#include "socketio/hub.h"
#include "socketio/socket.h"

namespace banter::socketio {

BroadcastAcks::Pending::Pending(BroadcastAcks& owner, std::uint64_t key, Asked asked,
                                std::shared_ptr<Collector> listener)
    : table(owner),
      id(key),
      awaited(asked.sockets.size()),
      missing(std::move(asked.missed)),
      error(asked.error),
      collector(std::move(listener)) {
  receivers.reserve(asked.sockets.size());
  for (const detail::Slot slot : asked.sockets)
    receivers.push_back({slot});
  std::sort(receivers.begin(), receivers.end(),
            [](const Receiver& a, const Receiver& b) { return a.slot.index < b.slot.index; });
}

// True, and it is no longer awaited, if `socket` was.
bool BroadcastAcks::Pending::take(const Socket& socket) noexcept {
  const detail::Slot slot = socket.ref().slot;
  const auto found =
      std::lower_bound(receivers.begin(), receivers.end(), slot.index,
                       [](const Receiver& receiver, std::uint32_t at) { return receiver.slot.index < at; });
  if (found == receivers.end() || found->slot != slot || !found->is_awaited) return false;
  found->is_awaited = false;
  --awaited;
  return true;
}

void BroadcastAcks::Pending::finish() {
  collector->on_done(error, std::move(missing));
}

void BroadcastAcks::add(std::uint64_t id, Asked asked, loop::TimePoint deadline,
                        std::shared_ptr<Collector> collector) {
  if (asked.sockets.empty()) return collector->on_done(asked.error, std::move(asked.missed));
  const auto place = pending_.try_emplace(id, *this, id, std::move(asked), std::move(collector)).first;
  place->second.deadline.set(hub_.loop().wheel(), deadline);
}

bool BroadcastAcks::answer(std::uint64_t id, const Socket& socket, const Args& args) {
  const auto found = pending_.find(id);
  if (found == pending_.end() || !found->second.take(socket)) return false;
  const std::shared_ptr<Collector> collector = found->second.collector;
  auto complete = found->second.awaited == 0 ? pending_.extract(found) : decltype(pending_)::node_type();
  const std::string from(socket.id());  // what follows may end the socket
  collector->on_reply(from, args.argument(0));
  if (complete) complete.mapped().finish();
  return true;
}

void BroadcastAcks::remove(const Socket& socket) {
  std::vector<decltype(pending_)::node_type> complete;
  for (auto next = pending_.begin(); next != pending_.end();) {
    const auto place = next++;
    Pending& pending = place->second;
    if (!pending.take(socket)) continue;
    pending.missing.emplace_back(socket.id());
    if (!pending.error) pending.error = AckError::disconnected;
    if (pending.awaited == 0) complete.push_back(pending_.extract(place));
  }
  for (auto& node : complete)
    node.mapped().finish();
}

void BroadcastAcks::expire(std::uint64_t id) {
  auto node = pending_.extract(id);
  if (!node) return;
  Pending& pending = node.mapped();
  for (const Receiver& receiver : pending.receivers) {
    if (!receiver.is_awaited) continue;
    if (const Socket* socket = hub_.find(receiver.slot)) pending.missing.emplace_back(socket->id());
  }
  pending.error = AckError::timeout;
  pending.finish();
}

}  // namespace banter::socketio
