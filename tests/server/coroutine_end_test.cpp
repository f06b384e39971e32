// What becomes of coroutines when the server closes while they are suspended: each ends once, and all that
// lived in it goes.
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/coroutine_fixture.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

// A server that goes before the rest of the test does, with what outlives it.
struct Ending {
  int live = 0;
  Log log;
  Backlog backlog;
  Socket socket;
  std::optional<TestServer> server{std::in_place};
  std::optional<SocketioClient> client;

  // `body` as a handler that keeps something alive in its frame and as a capture.
  template <class Body>
  void run(Body body) {
    (*server)->on("connection", [this, body, captured = Live(live)](Socket joined) -> Task<> {
      socket = joined;
      const Live here(live);
      co_await body(joined);
    });
    client.emplace(server->join());
  }
  void end() { server.reset(); }  // checks that not one handle is left
};

}  // namespace

TEST_SUITE("coroutine at the end of its server") {
  TEST_CASE("one that sleeps is destroyed, and nothing behind its co_await runs") {
    Ending ending;
    ending.run([&](Socket) -> Task<> {
      const Live here(ending.live);
      co_await sleep(1h);
      ending.log.push_back("went on");
    });
    CHECK(ending.live >= 3);
    ending.end();
    CHECK(ending.live == 0);
    CHECK(ending.log.empty());
  }

  TEST_CASE("destructors in one that is destroyed may use its handles") {
    struct Last {
      ~Last() {
        result = socket.emit("bye");
        socket.leave("room");
        ack(1);
      }
      Socket socket;
      SendResult& result;
      Ack<int> ack;
    };
    Ending ending;
    SendResult result = SendResult::sent;
    ending.run([&](Socket socket) -> Task<> {
      const Last last{socket, result, {}};
      co_await sleep(1h);
    });
    ending.end();
    CHECK(result == SendResult::closed);
  }

  TEST_CASE(
      "one that asks hears disconnected, may go on while the server does, and is destroyed if it sleeps") {
    Ending ending;
    ending.run([&](Socket socket) -> Task<> {
      const auto answer = co_await socket.ask<int>("q");
      ending.log.push_back(answer.error.message());
      ending.log.push_back(co_await on(socket) ? "there" : "gone");
      for (;;)
        co_await sleep(0ms);
    });
    ending.end();
    CHECK(ending.log == Log{make_error_code(AckError::disconnected).message(), "gone"});
    CHECK(ending.live == 0);
  }

  TEST_CASE("a disconnect handler that sleeps is destroyed") {
    Ending ending;
    (*ending.server)->on("disconnect", [&](Socket) -> Task<> {
      const Live here(ending.live);
      ending.log.push_back("disconnect");
      co_await sleep(1h);
      ending.log.push_back("went on");
    });
    ending.run([](Socket) -> Task<> { co_return; });
    ending.end();
    CHECK(ending.log == Log{"disconnect"});
    CHECK(ending.live == 0);
  }

  TEST_CASE("one that wants back to a Worker that is gone is destroyed, on the thread it is on") {
    Ending ending;
    ending.run([&](Socket socket) -> Task<> {
      const Live here(ending.live);
      const auto helper = [](Ending& all, Socket to) -> Task<> {
        co_await all.backlog.wait();
        all.log.push_back("worked");
        co_await on(to);
        all.log.push_back("went on");
      };
      co_await helper(ending, socket);
      ending.log.push_back("went on");
    });
    ending.end();
    CHECK(ending.live >= 2);
    SUBCASE("on this one") {
      ending.backlog.finish_all();
    }
    SUBCASE("on another") {
      std::thread([&] { ending.backlog.finish_all(); }).join();
    }
    CHECK(ending.log == Log{"worked"});
    CHECK(ending.live == 0);
  }

  TEST_CASE("one that needs no Worker any more goes on to its end; asking, it hears disconnected") {
    Ending ending;
    ending.run([&](Socket socket) -> Task<> {
      co_await ending.backlog.wait();
      const auto answer = co_await socket.ask<int>("q");
      ending.log.push_back(answer.error.message());
      try {
        co_await sleep(1ms);
      } catch (const std::logic_error&) {
        ending.log.push_back("no sleep");
      }
      throw std::runtime_error("nobody is left to hear it");
    });
    ending.end();
    ending.backlog.finish_all();
    CHECK(ending.log == Log{make_error_code(AckError::disconnected).message(), "no sleep"});
    CHECK(ending.live == 0);
  }

  TEST_CASE("one whose Resume is dropped when the server is gone is destroyed") {
    Ending ending;
    ending.run([&](Socket) -> Task<> { co_await ending.backlog.wait(); });
    ending.end();
    CHECK(ending.live >= 1);
    ending.backlog.drop_all();
    CHECK(ending.live == 0);
  }

  TEST_CASE("one that is on its way to the Worker when that closes still arrives") {
    Ending ending;
    ending.run([&](Socket socket) -> Task<> {
      co_await ending.backlog.wait();
      ending.log.push_back(co_await on(socket) ? "there" : "gone");
      co_await sleep(1h);
    });
    std::thread([&] {
      (*ending.server)->close();
      ending.backlog.finish_all();
    }).join();
    ending.end();
    CHECK(ending.log.size() == 1);
    CHECK(ending.live == 0);
  }

  TEST_CASE("a coroutine middleware that is destroyed has refused, to whom it may concern") {
    Ending ending;
    (*ending.server)->use([&](Socket, Next next) -> Task<> {
      const Live here(ending.live);
      co_await sleep(1h);
      next();
    });
    SocketioClient client = ending.server->open();
    client.send("0");
    ending.server->run_until([&] { return ending.live == 1; });
    ending.end();
    CHECK(ending.live == 0);
  }
}

}  // namespace banter::test
