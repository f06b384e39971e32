// Coroutines that go from thread to thread, while clients and the server come and go.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/running_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// The application's threads.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i)
      threads_.emplace_back([this] { work(); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { stop(); }

  // Does what is queued, then ends.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : std::exchange(threads_, {}))
      thread.join();
  }

  // Awaited, goes on on one of them.
  auto enter() {
    return suspend([this](Resume resume) {
      {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(resume));
      }
      changed_.notify_one();
    });
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      Resume resume = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      resume();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Resume> waiting_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

// Counts coroutines, from whatever thread.
class Alive {
 public:
  explicit Alive(std::atomic<int>& count) : count_(&count) { ++*count_; }
  Alive(const Alive& other) : Alive(*other.count_) {}
  Alive& operator=(const Alive&) = delete;
  ~Alive() { --*count_; }

 private:
  std::atomic<int>* count_;
};

}  // namespace

TEST_SUITE("coroutines between threads") {
  TEST_CASE("go to the pool and back any number of times, each on the Worker where it says so") {
    constexpr int events = 200;
    Pool pool(3);
    Server io;
    io.on("hash", [&pool](Socket socket, int value, Ack<int> ack) -> Task<> {
      const std::thread::id worker = std::this_thread::get_id();
      for (int i = 0; i < 5; ++i) {
        co_await pool.enter();
        CHECK(std::this_thread::get_id() != worker);
        ++value;
        const bool is_there = co_await on(socket);
        CHECK(is_there);
        CHECK(std::this_thread::get_id() == worker);
        if (i == 2) co_await sleep(1ms);
      }
      ack(value);
    });
    RunningServer running(io);
    SocketioClient client = running.join();
    for (int i = 0; i < events; ++i)
      client.send("2" + std::to_string(i) + R"(["hash",)" + std::to_string(i) + "]");
    std::vector<bool> answered(events);
    for (int i = 0; i < events; ++i) {
      const std::string ack = client.read();
      const std::size_t begin = ack.find('[');
      const int id = std::stoi(ack.substr(1, begin - 1));
      CHECK(std::stoi(ack.substr(begin + 1)) == id + 5);
      answered[static_cast<std::size_t>(id)] = true;
    }
    CHECK(std::find(answered.begin(), answered.end(), false) == answered.end());
  }

  TEST_CASE("a middleware decides on the pool's thread") {
    Pool pool(1);
    Server io;
    io.use([&pool](Socket, Next next) -> Task<> {
      co_await pool.enter();
      next();
    });
    RunningServer running(io);
    SocketioClient client = running.join();
    CHECK(client.id().size() == 20);
  }

  TEST_CASE("questions asked on the pool's threads are answered on the Worker, or end with it") {
    constexpr int questions = 100;
    std::atomic<int> answered{0};
    std::atomic<int> alive{0};
    Pool pool(3);
    {
      Server io;
      io.on("ask", [&](Socket socket) -> Task<> {
        const Alive here(alive);
        co_await pool.enter();
        const auto answer = co_await socket.ask<int>("q");
        if (answer || answer.error == AckError::disconnected) ++answered;
      });
      RunningServer running(io);
      SocketioClient client = running.join();
      for (int i = 0; i < questions; ++i)
        client.emit(R"(["ask"])");
      for (int i = 0; i < questions / 2; ++i) {
        const std::string question = client.read();
        client.send("3" + question.substr(1, question.find('[') - 1) + "[1]");
      }
    }
    pool.stop();
    CHECK(answered == questions);
    CHECK(alive == 0);
  }

  TEST_CASE("a server that closes while they are anywhere leaves none behind") {
    for (int round = 0; round < 20; ++round) {
      std::atomic<int> alive{0};
      std::atomic<int> begun{0};
      Pool pool(3);
      {
        Server io;
        io.on("run", [&](Socket socket, int kind) -> Task<> {
          const Alive here(alive);
          ++begun;
          for (;;) {
            if (kind == 0) co_await sleep(0ms);
            if (kind == 1) co_await pool.enter();
            if (kind == 2) static_cast<void>(co_await socket.timeout(1ms).ask<int>("q"));
            if (!co_await on(socket) && kind == 2) co_return;
          }
        });
        RunningServer running(io);
        SocketioClient client = running.join();
        for (int i = 0; i < 30; ++i)
          client.emit(R"(["run",)" + std::to_string(i % 3) + "]");
        while (begun < 30)
          RunningServer::waiter()();
      }
      pool.stop();
      CHECK(alive == 0);
    }
  }
}

}  // namespace banter::test
