#include "server/signals.h"

#include <csignal>
#include <memory>
#include <utility>

namespace banter::server {

Signals::Signals(loop::Loop& loop, Function<void()> handler) : handler_(std::move(handler)) {
  constexpr std::array<int, 2> numbers{SIGTERM, SIGINT};
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

}  // namespace banter::server
