// SIGTERM and SIGINT on a loop of our own.
#pragma once

#include <uv.h>

#include <array>

#include "banter/function.h"
#include "loop/handle.h"
#include "loop/loop.h"

namespace banter::server {

// Calls `handler` for each of the signals until it is destroyed; then they have their former effect again.
class Signals {
 public:
  Signals(loop::Loop& loop, Function<void()> handler);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

 private:
  Function<void()> handler_;
  std::array<loop::UvHandle<uv_signal_t>, 2> handles_;
};

}  // namespace banter::server
