// Clients that lose their connections under a broadcast and come back with what connection state recovery
// gave them: every message must reach every one of them, once, in order.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "load/crowd.h"
#include "load/failure.h"
#include "load/frame.h"
#include "load/scenarios.h"
#include "load/server_process.h"
#include "load/stopwatch.h"

namespace bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto message_interval = 10ms;
constexpr std::uint64_t messages_before = 50;
constexpr std::uint64_t messages_away = 200;  // which is two seconds
constexpr std::uint64_t messages_after = 50;
constexpr std::size_t group_size = 50;  // how many come back at once

std::string_view behind(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) throw Failure("the server sent " + quoted(text) + " without " + std::string(mark));
  return text.substr(at + mark.size());
}

std::string quoted_value(std::string_view text, std::string_view key) {
  const std::string_view rest = behind(text, key);
  return std::string(rest.substr(0, rest.find('"')));
}

std::string last_text(std::string_view event) {
  const std::size_t end = event.rfind("\"]");
  if (end == event.npos) throw Failure("the server sent " + quoted(event) + " without an offset");
  const std::size_t begin = event.rfind('"', end - 1) + 1;
  return std::string(event.substr(begin, end - begin));
}

// One client, over as many connections as it takes.
class Comer {
 public:
  Comer(const Endpoint& endpoint, std::size_t number) : endpoint_(endpoint), number_(number) {}

  void send_upgrade() {
    connection_ = std::make_unique<Connection>(endpoint_, number_);
    connection_->send_upgrade(endpoint_);
  }
  void send_join() {
    connection_->expect_upgrade();
    send(pid_.empty() ? "40" : R"(40{"pid":")" + pid_ + R"(","offset":")" + offset_ + "\"}");
  }

  // Up to what is sent to every client that has joined. A second time it must be the same socket.
  void expect_join() {
    for (;;) {
      const std::string_view message = connection_->receive_text();
      if (message.starts_with("42[\"auth\"")) break;
      message.starts_with("40{") ? take_connect(message) : take_message(message);
    }
  }

  // Takes messages up to that number.
  void expect_up_to(std::uint64_t number) {
    while (next_ <= number)
      take_message(connection_->receive_text());
  }

  void send_message(std::uint64_t number) { send("42[\"all\"," + std::to_string(number) + "]"); }
  void lose() { connection_.reset(); }

 private:
  void send(std::string_view packet) {
    std::string frame;
    append_frame(frame, Opcode::text, packet);
    connection_->send(frame);
  }

  void take_connect(std::string_view message) {
    const std::string pid = quoted_value(message, R"("pid":")");
    if (!pid_.empty() && pid != pid_) throw Failure("a client came back as a fresh socket");
    pid_ = pid;
  }

  void take_message(std::string_view message) {
    const std::string_view text = behind(message, "42[\"all-msg\",");
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number != next_)
      throw Failure("message " + std::to_string(next_) + " was due, not " + quoted(message));
    ++next_;
    offset_ = last_text(message);
  }

  Endpoint endpoint_;
  std::size_t number_;
  std::unique_ptr<Connection> connection_;
  std::string pid_;
  std::string offset_;
  std::uint64_t next_ = 0;
};

// A message each 10 ms, for as long as somebody waits for the next one.
class Broadcaster {
 public:
  explicit Broadcaster(Comer& driver) : driver_(driver) {}

  // Sends the next one when it is due; answers its number.
  std::uint64_t send_next() {
    std::this_thread::sleep_until(due_);
    due_ += message_interval;
    driver_.send_message(next_);
    return next_++;
  }
  // What has become due meanwhile.
  void catch_up() {
    while (Clock::now() >= due_)
      send_next();
  }
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  Comer& driver_;
  std::uint64_t next_ = 0;
  Clock::time_point due_ = Clock::now();
};

// All of them go through the handshakes; messages are sent meanwhile.
void join_all(std::vector<Comer>& comers, Broadcaster* broadcaster) {
  for (std::size_t start = 0; start < comers.size(); start += group_size) {
    const std::size_t end = std::min(start + group_size, comers.size());
    const auto each = [&](void (Comer::*step)()) {
      for (std::size_t i = start; i < end; ++i)
        (comers[i].*step)();
      if (broadcaster) broadcaster->catch_up();
    };
    each(&Comer::send_upgrade);
    each(&Comer::send_join);
    each(&Comer::expect_join);
  }
}

void broadcast(Broadcaster& broadcaster, std::vector<Comer>& comers, std::uint64_t count) {
  for (; count > 0; --count) {
    const std::uint64_t number = broadcaster.send_next();
    for (Comer& comer : comers)
      comer.expect_up_to(number);
  }
}

}  // namespace

Measurement measure_recovery(const Options& options) {
  allow_descriptors(options.connections + 1);
  const ServerProcess server(options.pid);
  std::vector<Comer> driver;
  driver.emplace_back(options.endpoint, 0);
  join_all(driver, nullptr);
  std::vector<Comer> comers;
  for (std::size_t i = 0; i < options.connections; ++i)
    comers.emplace_back(options.endpoint, i + 1);
  join_all(comers, nullptr);

  Broadcaster broadcaster(driver.front());
  broadcast(broadcaster, comers, messages_before);
  for (Comer& comer : comers)
    comer.lose();
  for (std::uint64_t i = 0; i < messages_away; ++i)
    driver.front().expect_up_to(broadcaster.send_next());
  const Stopwatch stopwatch(server);
  join_all(comers, &broadcaster);
  const auto measurement = stopwatch.stop(options.connections);
  broadcast(broadcaster, comers, messages_after);
  return measurement;
}

}  // namespace bench
