#include "socketio/ack_table.h"

#include <tuple>
#include <utility>

namespace banter::socketio {

void AckTable::add(std::uint64_t id, detail::AckCallback callback, loop::TimerWheel& wheel,
                   loop::TimePoint deadline) {
  const auto [place, is_new] = pending_.try_emplace(id, *this, id, std::move(callback));
  if (is_new) place->second.deadline.set(wheel, deadline);
}

bool AckTable::answer(std::uint64_t id, const Args& args) {
  return complete(id, {}, args);
}

void AckTable::fail_all(std::error_code error) {
  while (!pending_.empty())
    complete(pending_.begin()->first, error, {});
}

bool AckTable::complete(std::uint64_t id, std::error_code error, const Args& args) {
  auto node = pending_.extract(id);
  if (!node) return false;
  detail::AckAnswer answer{error, args, {}};
  runner_.run_ack(node.mapped().callback, answer);
  return true;
}

}  // namespace banter::socketio
