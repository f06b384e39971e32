#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "load/options.h"

// What is measured. Each scenario opens its own connections and throws Failure if the server errs.
namespace bench {

struct Measurement {
  // What the times below are divided by: echoes, deliveries of broadcasts, or connections.
  std::uint64_t events = 0;
  std::chrono::nanoseconds server_cpu{0};
  std::chrono::nanoseconds client_cpu{0};
  std::chrono::nanoseconds elapsed{0};

  // Anonymous memory the server took for each connection; only of `idle` and `idle-polling`.
  std::optional<double> bytes_per_connection;
};

// Every connection sends `depth` messages in one write, then each awaits its echoes; and again.
Measurement measure_echo(const Options& options);

// The first connection sends `depth` broadcasts in one write, then all connections await them; and again.
Measurement measure_broadcast(const Options& options);

// Opens and joins the connections, then leaves them alone until the server has come to rest. Its times are
// those of opening. Ends with one echo on each, so that a server that dropped some is not praised for it.
Measurement measure_idle(const Options& options);

// The same on long-polling, each with a poll that is held.
Measurement measure_idle_polling(const Options& options);

// Connects, joins and closes all connections, each step for all of them at once; and again.
Measurement measure_connect(const Options& options);

// All connections but one are lost for two seconds under a broadcast of 100 messages a second, and come back
// with connection state recovery; a Failure if one of them misses a message, or has one twice or out of
// order. The times are those of coming back.
Measurement measure_recovery(const Options& options);

}  // namespace bench
