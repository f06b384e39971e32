// Load client: opens connections to a server that runs already, makes it work, checks all that it sends, and
// prints what it cost as one line of JSON. See bench/README.md.
#include <array>
#include <cstdio>
#include <exception>
#include <ratio>
#include <string_view>

#include "load/failure.h"
#include "load/options.h"
#include "load/scenarios.h"

namespace {

struct Scenario {
  std::string_view name;
  bench::Measurement (*measure)(const bench::Options&);
};

constexpr std::array<Scenario, 6> scenarios = {{
    {"echo", bench::measure_echo},
    {"broadcast", bench::measure_broadcast},
    {"idle", bench::measure_idle},
    {"idle-polling", bench::measure_idle_polling},
    {"connect", bench::measure_connect},
    {"recovery", bench::measure_recovery},
}};

bench::Measurement measure(const bench::Options& options) {
  for (const auto& scenario : scenarios) {
    if (scenario.name == options.scenario) return scenario.measure(options);
  }
  throw bench::Failure("unknown scenario '" + options.scenario + "'");
}

void print_json(const bench::Options& options, const bench::Measurement& measurement) {
  const auto events = static_cast<double>(measurement.events);
  const auto per_event = [&](std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / events;
  };
  const std::chrono::duration<double> elapsed = measurement.elapsed;
  std::printf(R"({"scenario":"%s","connections":%zu,"size":%zu,"depth":%zu,"events":%.0f,)",
              options.scenario.c_str(), options.connections, options.size, options.depth, events);
  std::printf(R"("serverCpuNs":%.1f,"clientCpuNs":%.1f,"elapsedNs":%.1f,"eventsPerSecond":%.0f)",
              per_event(measurement.server_cpu), per_event(measurement.client_cpu),
              per_event(measurement.elapsed), events / elapsed.count());
  if (measurement.bytes_per_connection) {
    std::printf(R"(,"bytesPerConnection":%.1f)", *measurement.bytes_per_connection);
  }
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = bench::parse_options(argc, argv);
    print_json(options, measure(options));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-load: %s\n", error.what());
    return 1;
  }
}
