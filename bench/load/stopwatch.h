#pragma once

#include <chrono>
#include <cstdint>

#include "load/scenarios.h"
#include "load/server_process.h"

namespace bench {

// Measures from its construction on.
class Stopwatch {
 public:
  explicit Stopwatch(const ServerProcess& server)
      : server_{server},
        server_cpu_{server.cpu_time()},
        client_cpu_{own_cpu_time()},
        start_{std::chrono::steady_clock::now()} {}

  Measurement stop(std::uint64_t events) const {
    Measurement measurement;
    measurement.events = events;
    measurement.elapsed = std::chrono::steady_clock::now() - start_;
    measurement.client_cpu = own_cpu_time() - client_cpu_;
    measurement.server_cpu = server_.cpu_time() - server_cpu_;
    return measurement;
  }

 private:
  const ServerProcess& server_;
  std::chrono::nanoseconds server_cpu_;
  std::chrono::nanoseconds client_cpu_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace bench
