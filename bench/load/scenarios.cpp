#include "load/scenarios.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "load/crowd.h"
#include "load/failure.h"
#include "load/message.h"
#include "load/polling.h"
#include "load/server_process.h"
#include "load/stopwatch.h"

namespace bench {
namespace {

using namespace std::chrono_literals;

std::size_t warm_up_rounds(const Options& options) {
  return std::max<std::size_t>(5, options.rounds / 10);
}

Crowd open_crowd(const Options& options) {
  allow_descriptors(options.connections);
  Crowd crowd;
  add_connections(crowd, options.connections, options.endpoint, 0);
  return crowd;
}

// Runs `round` for the warm-up and then, under the stopwatch, options.rounds times.
template <class Round>
Measurement measure_rounds(const Options& options, std::size_t events_per_round, Round round) {
  const ServerProcess server(options.pid);
  for (std::size_t i = warm_up_rounds(options); i > 0; --i)
    round();
  const Stopwatch stopwatch(server);
  for (std::size_t i = options.rounds; i > 0; --i)
    round();
  return stopwatch.stop(options.rounds * events_per_round);
}

// Numbers messages and sends them; then expects the same numbers, in the same order.
class Exchange {
 public:
  Exchange(std::string_view event, const Options& options)
      : message_{event, options.size}, depth_{options.depth} {}

  void send(Connection& connection, std::uint64_t first_number) {
    output_.clear();
    for (std::size_t i = 0; i < depth_; ++i) {
      append_frame(output_, Opcode::text, message_.numbered(first_number + i));
    }
    connection.send(output_);
  }

  void expect(Connection& connection, std::uint64_t first_number) {
    for (std::size_t i = 0; i < depth_; ++i)
      connection.expect(message_.numbered(first_number + i));
  }

 private:
  Message message_;
  std::size_t depth_;
  std::string output_;
};

void echo_round(Crowd& crowd, Exchange& exchange, std::size_t depth, std::uint64_t& next_number) {
  std::uint64_t number = next_number;
  for (auto& connection : crowd)
    exchange.send(connection, std::exchange(number, number + depth));
  for (auto& connection : crowd)
    exchange.expect(connection, std::exchange(next_number, next_number + depth));
}

// Waits until the server has used next to no CPU time, and its memory has not changed, for three looks in a
// row; answers its memory. The connections are kept alive meanwhile by `answer_pings`.
template <class AnswerPings>
std::size_t memory_at_rest(const ServerProcess& server, AnswerPings answer_pings) {
  constexpr int looks = 600;
  auto cpu = server.cpu_time();
  auto memory = server.anonymous_memory();
  for (int look = 0, calm = 0; look < looks; ++look) {
    std::this_thread::sleep_for(50ms);
    answer_pings();
    const auto cpu_before = std::exchange(cpu, server.cpu_time());
    const auto memory_before = std::exchange(memory, server.anonymous_memory());
    const bool is_calm = cpu - cpu_before < 1ms && memory == memory_before;
    calm = is_calm ? calm + 1 : 0;
    if (calm == 3) return memory;
  }
  throw Failure("the server did not come to rest");
}

// What the connections that `add` opens cost: memory at rest, and the time to open them.
template <class Add, class AnswerPings>
Measurement measure_memory(const Options& options, Add add, AnswerPings answer_pings) {
  const ServerProcess server(options.pid);
  const auto memory_before = memory_at_rest(server, answer_pings);
  const Stopwatch stopwatch(server);
  add();
  auto measurement = stopwatch.stop(options.connections);
  const auto memory = memory_at_rest(server, answer_pings);
  const auto grown = static_cast<double>(memory) - static_cast<double>(memory_before);
  measurement.bytes_per_connection = grown / static_cast<double>(options.connections);
  return measurement;
}

}  // namespace

Measurement measure_echo(const Options& options) {
  auto crowd = open_crowd(options);
  Exchange exchange("echo", options);
  std::uint64_t next_number = 0;
  return measure_rounds(options, options.connections * options.depth,
                        [&] { echo_round(crowd, exchange, options.depth, next_number); });
}

Measurement measure_broadcast(const Options& options) {
  auto crowd = open_crowd(options);
  Exchange exchange("broadcast", options);
  std::uint64_t next_number = 0;
  return measure_rounds(options, options.connections * options.depth, [&] {
    exchange.send(crowd.front(), next_number);
    for (auto& connection : crowd)
      exchange.expect(connection, next_number);
    next_number += options.depth;
  });
}

Measurement measure_idle(const Options& options) {
  allow_descriptors(options.connections);
  Crowd crowd;
  const auto answer_pings = [&] {
    for (auto& connection : crowd)
      connection.answer_pings();
  };
  const auto add = [&] { add_connections(crowd, options.connections, options.endpoint, 0); };
  const auto measurement = measure_memory(options, add, answer_pings);
  Exchange exchange("echo", options);
  std::uint64_t next_number = 0;
  echo_round(crowd, exchange, options.depth, next_number);
  return measurement;
}

Measurement measure_idle_polling(const Options& options) {
  allow_descriptors(options.connections);
  PollingCrowd crowd(options.endpoint);
  const auto measurement = measure_memory(
      options, [&] { crowd.add(options.connections); }, [&] { crowd.answer_pings(); });
  crowd.echo(options.size);
  return measurement;
}

Measurement measure_connect(const Options& options) {
  allow_descriptors(options.connections);
  Crowd crowd;
  std::size_t next_number = 0;
  return measure_rounds(options, options.connections, [&] {
    add_connections(crowd, options.connections, options.endpoint, next_number);
    next_number += options.connections;
    close_connections(crowd);
  });
}

}  // namespace bench
