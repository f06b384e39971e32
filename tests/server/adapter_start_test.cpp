// A Worker whose adapter takes its time to join the cluster.
#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "server/worker.h"
#include "socketio/memory_adapter.h"
#include "tests/support/raw_client.h"

namespace banter::test {

namespace {

// Is ready when the test says so.
class LateAdapter final : public socketio::Adapter {
 public:
  void start(socketio::AdapterHub&, Function<void()> done) override { ready = std::move(done); }
  void stop() override { is_stopped = true; }
  [[nodiscard]] bool reaches_others() const noexcept override { return true; }
  void publish(const socketio::Operation&) override {}
  void request(const socketio::Request&, std::shared_ptr<socketio::Collector>) override {}
  void interest(std::string_view, std::string_view, socketio::Presence, Function<void()>) override {}
  [[nodiscard]] socketio::EventLog* log() noexcept override { return nullptr; }

  Function<void()> ready;
  bool is_stopped = false;
};

struct UvLoop {
  UvLoop() { REQUIRE(uv_loop_init(&uv) == 0); }
  UvLoop(const UvLoop&) = delete;
  UvLoop& operator=(const UvLoop&) = delete;
  ~UvLoop() {
    uv_run(&uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv) == 0);
  }
  uv_loop_t uv{};
};

class LateWorker final : private socketio::ProblemSink {
 public:
  ~LateWorker() {
    bool is_done = false;
    worker->close(loop::Milliseconds{0}, [&] { is_done = true; });
    while (!is_done)
      turn();
    worker.reset();
    CHECK(adapter.is_stopped);
  }
  void turn() { uv_run(&loop_.uv, UV_RUN_NOWAIT); }
  RawClient connect(int port) {
    return RawClient(port, [this] { turn(); });
  }

 private:
  void report(const Problem&) noexcept override {}

  UvLoop loop_;
  Options options_;
  server::Settings settings_{options_};
  http::Cors cors_{server::cors_settings(options_, *this)};
  detail::Registration registration_;
  server::Counters counters_;
  std::shared_ptr<base::Budget> budget_;

 public:
  LateAdapter adapter;
  std::unique_ptr<server::Worker> worker = std::make_unique<server::Worker>(
      server::Worker::Shared{options_, settings_, registration_, *this, cors_, counters_, adapter, budget_},
      &loop_.uv);
};

constexpr const char* request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_SUITE("start of the adapter") {
  TEST_CASE("a server listens at once, and accepts connections when its adapter is ready") {
    LateWorker late;
    late.worker->begin();
    const int port = late.worker->listen("127.0.0.1", 0).port;
    RawClient early = late.connect(port);
    early.send(request);
    for (int i = 0; i < 10; ++i)
      late.turn();
    CHECK(late.worker->counters().http.requests.value() == 0);
    late.adapter.ready();
    CHECK(early.read_to_end().starts_with("HTTP/1.1 "));
    RawClient later = late.connect(port);
    later.send(request);
    CHECK(later.read_to_end().starts_with("HTTP/1.1 "));
  }

  TEST_CASE("a server may be closed before its adapter is ready") {
    LateWorker late;
    late.worker->begin();
    const int port = late.worker->listen("127.0.0.1", 0).port;
    const RawClient early = late.connect(port);
    late.turn();
  }
}

}  // namespace banter::test
