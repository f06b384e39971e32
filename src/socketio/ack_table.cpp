#include "socketio/ack_table.h"

#include <tuple>
#include <utility>

namespace banter::socketio {

void AckTable::add(std::uint64_t id, detail::AckCallback callback, loop::TimerWheel& wheel,
                   loop::TimePoint sent, loop::TimePoint deadline) {
  const auto [place, is_new] = pending_.try_emplace(id, *this, id, std::move(callback), sent);
  if (is_new) place->second.deadline.set(wheel, deadline);
}

std::optional<loop::TimePoint> AckTable::answer(std::uint64_t id, const Args& args) {
  return complete(id, {}, args);
}

void AckTable::fail_all(std::error_code error) {
  while (!pending_.empty())
    complete(pending_.begin()->first, error, {});
}

std::optional<loop::TimePoint> AckTable::complete(std::uint64_t id, std::error_code error, const Args& args) {
  auto node = pending_.extract(id);
  if (!node) return std::nullopt;
  const loop::TimePoint sent = node.mapped().sent;
  detail::AckAnswer answer{error, args, {}};
  runner_.run_ack(node.mapped().callback, answer);
  return sent;
}

}  // namespace banter::socketio
