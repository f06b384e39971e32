#include "socketio/timers.h"

namespace banter::socketio {

void Timers::add(std::uint64_t id, loop::TimePoint when, Function<void()> task) {
  const auto [place, is_new] = pending_.try_emplace(id, *this, id, std::move(task));
  if (is_new) place->second.deadline.set(loop_.wheel(), when);
}

void Timers::cancel_all() {
  std::exchange(pending_, {}).clear();
}

void Timers::run(std::uint64_t id) {
  auto node = pending_.extract(id);
  Problem context;
  context.where = Problem::Where::task;
  context.event = "after";
  Function<void()> task = std::move(node.mapped().task);
  call_user(problems_, context, [&] { task(); });
}

}  // namespace banter::socketio
