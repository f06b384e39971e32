#include "server/signals.h"

#include <csignal>
#include <memory>
#include <mutex>
#include <utility>

namespace banter::server {

namespace {

constexpr std::array<int, 2> numbers{SIGTERM, SIGINT};

// What the signals did before the first Signals of the process. libuv gives back the default action only.
struct Former {
  std::mutex mutex;
  std::size_t users = 0;
  std::array<struct sigaction, numbers.size()> actions{};
};

Former& former() {
  static Former instance;
  return instance;
}

void remember_former() {
  Former& before = former();
  const std::lock_guard lock(before.mutex);
  if (before.users++ != 0) return;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    sigaction(numbers[i], nullptr, &before.actions[i]);
}

// Leaves alone what somebody else has set, or still watches, meanwhile.
void restore_former() {
  Former& before = former();
  const std::lock_guard lock(before.mutex);
  if (--before.users != 0) return;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    struct sigaction present {};
    sigaction(numbers[i], nullptr, &present);
    if (present.sa_handler == SIG_DFL) sigaction(numbers[i], &before.actions[i], nullptr);
  }
}

}  // namespace

Signals::Signals(loop::Loop& loop, Function<void()> handler) : handler_(std::move(handler)) {
  remember_former();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto handle = std::make_unique<uv_signal_t>();
    if (uv_signal_init(loop.uv(), handle.get()) < 0) continue;
    handles_[i].reset(handle.release());
    handles_[i]->data = this;
    uv_signal_start(
        handles_[i].get(),
        [](uv_signal_t* signal, int) {
          if (signal->data != nullptr) static_cast<Signals*>(signal->data)->handler_();
        },
        numbers[i]);
  }
}

Signals::~Signals() {
  for (auto& handle : handles_)
    handle.reset();
  restore_former();
}

}  // namespace banter::server
