// Limits and counters of the Engine.IO layer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

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

  // The transports that are served, and whether a session may change from polling to WebSocket.
  bool serves_polling = true;
  bool serves_websocket = true;
  bool allows_upgrades = true;

  // From the 101 of an upgrade to its end; then that WebSocket is closed, and the session goes on polling.
  loop::Milliseconds upgrade_timeout = std::chrono::seconds{10};

  // For the application's decision about a handshake; then it is refused.
  loop::Milliseconds admission_timeout = std::chrono::seconds{10};

  // How long a closed session waits for the poll that fetches the rest.
  loop::Milliseconds close_grace = std::chrono::seconds{30};

  // Of what waits for polls of one client, or is on its way in the answer to one: as loop::Settings has them.
  std::size_t high_water = 1024 * 1024;
  loop::Milliseconds stall_timeout = std::chrono::seconds{30};

  // Most bytes that wait for polls of one client; more end its session as a slow consumer's.
  std::size_t max_queue = 16 * 1024 * 1024;

  // Answers to polls of at least so many bytes, and at most 1 MiB, are compressed, if the client can take
  // that. Absent: never.
  std::optional<std::size_t> compress_polls_from = 1024;
};

// Of one Worker; its thread is the only writer.
struct Counters {
  base::Counter sessions;  // open now
  base::Counter polling;   // of these on long-polling
  base::Counter upgraded;  // ever
  base::Counter failed_upgrades;
  base::Counter ping_timeouts;
  base::Counter opened;         // ever
  base::Counter native;         // plain JSON connections, open now
  base::Counter native_opened;  // ever
  base::Counter pings;
  base::Counter parse_errors;
  std::array<base::Counter, 6> refused;  // handshakes, by code
};

}  // namespace banter::engine
