// Limits and counters of the Engine.IO layer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "base/counter.h"
#include "loop/time.h"

namespace banter::engine {

struct Settings {
  // From a pong to the next ping.
  loop::Milliseconds ping_interval = std::chrono::seconds{25};

  // From a ping to its pong.
  loop::Milliseconds ping_timeout = std::chrono::seconds{20};

  // Longest message a client may send, in bytes; told to it in the open packet.
  std::size_t max_payload = 1'000'000;
};

// Of one Worker; its thread is the only writer.
struct Counters {
  base::Counter sessions;  // open now
  base::Counter opened;    // ever
  base::Counter native;    // plain JSON connections, open now
  base::Counter pings;
  base::Counter parse_errors;
  std::array<base::Counter, 6> refused;  // handshakes, by code
};

}  // namespace banter::engine
