// The event log between threads: one order for all Workers, each thread's events in the order of its calls.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "banter/encode.h"
#include "loop/loop.h"
#include "socketio/memory_event_log.h"

namespace banter::socketio {
namespace {

constexpr int appenders = 8;
constexpr int each = 2'000;
constexpr int workers = 3;

// A Worker on a thread of its own, until it has delivered everything.
class LoggingWorker final : public LogReader {
 public:
  [[nodiscard]] Port& port() { return loop_.port(); }
  [[nodiscard]] const std::vector<std::string>& events() const { return events_; }
  [[nodiscard]] const std::vector<std::string>& offsets() const { return offsets_; }

  void deliver(const LogEntry& entry) override {
    events_.emplace_back(entry.event.payload().json);
    offsets_.push_back(entry.event.extras().offset);
    if (events_.size() == std::size_t{appenders} * each) loop_.close({});
  }
  void run() { loop_.run(); }

 private:
  loop::Loop loop_;
  std::vector<std::string> events_;
  std::vector<std::string> offsets_;
};

std::shared_ptr<LogEntry> numbered(int thread, int number) {
  std::string text = "[";
  Encoder out(text);
  encode_arguments(out, "event", thread, number);
  return std::make_shared<LogEntry>("/", view_of(out, 8));
}

}  // namespace

TEST_SUITE("event log between threads") {
  TEST_CASE("eight threads append: all Workers deliver the same order, which is every thread's own") {
    MemoryEventLog log({std::chrono::hours{1}, 1'000, 1'000'000, 10}, "epoch",
                       [] { return loop::TimePoint{}; });
    std::vector<std::unique_ptr<LoggingWorker>> readers;
    for (int i = 0; i < workers; ++i) {
      readers.push_back(std::make_unique<LoggingWorker>());
      log.add_reader(readers.back()->port(), *readers.back());
    }
    std::vector<std::thread> threads;
    for (const auto& reader : readers)
      threads.emplace_back([worker = reader.get()] { worker->run(); });
    for (int thread = 0; thread < appenders; ++thread) {
      threads.emplace_back([&log, thread] {
        for (int i = 0; i < each; ++i)
          log.append(numbered(thread, i));
      });
    }
    for (std::thread& thread : threads)
      thread.join();

    CHECK(readers[1]->events() == readers[0]->events());
    CHECK(readers[2]->events() == readers[0]->events());
    CHECK(readers[1]->offsets() == readers[0]->offsets());
    std::vector<int> next(appenders, 0);
    bool is_in_order = true;
    for (const std::string& event : readers[0]->events()) {
      const int thread = event[9] - '0';
      is_in_order = is_in_order && event == "[\"event\"," + std::to_string(thread) + ',' +
                                                std::to_string(next[static_cast<std::size_t>(thread)]++);
    }
    CHECK(is_in_order);
  }

  TEST_CASE("of many threads that want the same session one gets it") {
    MemoryEventLog log({std::chrono::hours{1}, 1'000, 1'000'000, 10}, "epoch",
                       [] { return loop::TimePoint{}; });
    loop::Loop loop;
    SavedSession session;
    session.nsp = "/";
    session.pid = "p";
    log.save_session(std::move(session), {});
    int answers = 0;
    int taken = 0;
    const auto count = [&](TakenSession answer) {
      if (answer.failure == RecoveryFailure::none) ++taken;
      if (++answers == appenders) loop.close({});
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < appenders; ++i) {
      threads.emplace_back([&] {
        log.take_session({"/", "p", "epoch.0"}, {detail::PortRef(loop.port()), count});
      });
    }
    loop.run();
    for (std::thread& thread : threads)
      thread.join();
    CHECK(answers == appenders);
    CHECK(taken == 1);
  }
}

}  // namespace banter::socketio
