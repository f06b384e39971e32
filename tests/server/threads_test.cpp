// Everything that any thread may do, done by many at once.
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/running_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// Joins one client and answers with its handle.
struct Joined {
  explicit Joined(Server& io) : socket(handle.get_future()) {
    io.on("connection", [this](Socket joined) {
      if (!std::exchange(is_known, true)) handle.set_value(joined);
    });
  }
  std::promise<Socket> handle;
  std::future<Socket> socket;
  bool is_known = false;
};

}  // namespace

TEST_SUITE("any thread") {
  TEST_CASE("one thread's emits arrive in their order, and those of others between them") {
    constexpr int threads = 4;
    constexpr int each = 200;
    Server io;
    Joined joined(io);
    RunningServer running(io);
    SocketioClient client = running.join();
    const Socket socket = joined.socket.get();
    std::vector<std::thread> senders;
    for (int thread = 0; thread < threads; ++thread) {
      senders.emplace_back([&, thread] {
        for (int i = 0; i < each; ++i)
          i % 2 == 0 ? void(socket.emit("n", thread, i)) : io.to(socket.id()).emit("n", thread, i);
      });
    }
    std::vector<int> next(threads, 0);
    for (int i = 0; i < threads * each; ++i) {
      const json packet = json::parse(client.read().substr(1));
      const int thread = packet[1];
      CHECK(packet[2] == next[static_cast<std::size_t>(thread)]++);
    }
    for (std::thread& sender : senders)
      sender.join();
  }

  TEST_CASE("emits are dropped while the mailbox holds more than the budget, and what was posted arrives") {
    constexpr std::size_t budget = 2'000'000;
    Server io({.max_payload = 1024, .high_water = budget, .max_queue = budget, .budget = budget});
    Joined joined(io);
    RunningServer running(io);
    SocketioClient client = running.join();
    const Socket socket = joined.socket.get();
    std::promise<void> go_on;
    REQUIRE(socket.run([wait = go_on.get_future().share()] { wait.wait(); }));  // the Worker stands still
    const std::string text(10'000, 'x');
    std::size_t posted = 0;
    while (socket.emit("n", text) == SendResult::posted)
      ++posted;
    CHECK(posted >= budget / (text.size() + 100));
    CHECK(posted <= budget / text.size() + 1);
    CHECK(socket.emit("dropped") == SendResult::dropped);
    io.emit("dropped");
    socket.join("r");  // has no payload to refuse
    go_on.set_value();
    for (std::size_t i = 0; i < posted; ++i)
      REQUIRE(client.read().size() == text.size() + std::string_view(R"(2["n",""])").size());
    settle(io);
    CHECK(socket.emit("again") == SendResult::posted);
    CHECK(client.read() == R"(2["again"])");
  }

  TEST_CASE(
      "questions to many that several threads ask at once are each answered once, on the server's thread") {
    constexpr int threads = 4;
    constexpr int each = 50;
    std::atomic<int> answered{0};
    std::atomic<int> queried{0};
    std::atomic<bool> is_right{true};
    Server io;
    RunningServer running(io);
    SocketioClient client = running.join();
    std::promise<std::thread::id> server_thread;
    io.run_on(0, [&] { server_thread.set_value(std::this_thread::get_id()); });
    const std::thread::id home = server_thread.get_future().get();
    std::vector<std::thread> askers;
    for (int thread = 0; thread < threads; ++thread) {
      askers.emplace_back([&, thread] {
        for (int i = 0; i < each; ++i) {
          const int question = thread * each + i;
          io.emit("ask", question, [&, question](std::error_code error, Answers<int> answers) {
            const bool is_one = !error && answers.expected == 1 && answers.values == std::vector{question};
            if (!is_one || std::this_thread::get_id() != home) is_right = false;
            ++answered;
          });
          io.fetch_sockets([&](std::error_code, std::vector<RemoteSocket> sockets) {
            if (sockets.size() != 1 || std::this_thread::get_id() != home) is_right = false;
            ++queried;
          });
        }
      });
    }
    for (int i = 0; i < threads * each; ++i) {
      const std::string packet = client.read();
      const std::size_t data = packet.find('[');
      const json arguments = json::parse(packet.substr(data));
      client.send("3" + packet.substr(1, data - 1) + "[" + arguments[1].dump() + "]");
    }
    for (std::thread& asker : askers)
      asker.join();
    while (answered < threads * each || queried < threads * each)
      poll(nullptr, 0, 1);
    settle(io);
    CHECK(answered == threads * each);
    CHECK(queried == threads * each);
    CHECK(is_right);
  }

  TEST_CASE("a join that was posted before a broadcast is in it: none of 100,000 is lost") {
    constexpr int rounds = 100'000;
    Server io({.max_queue = 64 * 1024 * 1024});
    Joined joined(io);
    RunningServer running(io);
    SocketioClient client = running.join();
    std::thread sender([&, socket = joined.socket.get()] {
      for (int i = 0; i < rounds; ++i) {
        socket.join("room");
        io.to("room").emit("n", i);
        socket.leave("room");
        io.to("room").emit("not for it");
      }
    });
    int lost = 0;
    for (int i = 0; i < rounds; ++i)
      lost += client.read() == "2[\"n\"," + std::to_string(i) + "]" ? 0 : 1;
    sender.join();
    CHECK(lost == 0);
  }

  TEST_CASE("eight threads use every handle while clients come and go") {
    Server io({.max_queue = 64 * 1024 * 1024});
    std::mutex mutex;
    std::vector<Socket> sockets;
    std::atomic<int> connected{0};
    std::atomic<int> left{0};
    std::atomic<int> answered{0};
    std::atomic<int> asked{0};
    io.use([](Socket socket, Next next) {
      socket.set_data("new");
      next();
    });
    io.on("connection", [&](Socket socket) {
      ++connected;
      const std::lock_guard lock(mutex);
      sockets.push_back(socket);
    });
    io.on("disconnect", [&](Socket, DisconnectReason) { ++left; });
    io.on("echo", [](Socket socket, Args args) { socket.emit("echo", args); });
    RunningServer running(io);

    std::atomic<bool> is_over{false};
    const auto pick = [&](std::size_t seed) {
      const std::lock_guard lock(mutex);
      return sockets.empty() ? Socket()
                             : sockets[sockets.size() - 1 - seed % std::min<std::size_t>(sockets.size(), 8)];
    };
    std::vector<std::thread> users;
    for (std::size_t user = 0; user < 8; ++user) {
      users.emplace_back([&, user] {
        for (std::size_t i = user; !is_over; i += 8) {
          if (i % 64 == user) settle(io);  // or the mailbox grows faster than it is worked off
          const Socket socket = pick(i);
          switch (i / 8 % 12) {
            case 0: socket.emit("e", i); break;
            case 1: socket.join("room"); break;
            case 2: socket.leave("room"); break;
            case 3: socket.set_data(i); break;
            case 4: io.to("room").except(socket.id()).emit("e", Bytes(std::string_view("bytes"))); break;
            case 5: socket.run([socket] { static_cast<void>(socket.rooms()); }); break;
            case 6: io.run_on(0, [socket] { static_cast<void>(socket.handshake()); }); break;
            case 7: io.after(1ms, [] {}).cancel(); break;
            case 8: io.count([](std::size_t) {}); break;
            case 9:
              if (socket.timeout(5s).emit("ask", [&](std::error_code) { ++answered; }) == SendResult::posted)
                ++asked;
              break;
            case 10: socket.broadcast().sockets_join("room"); break;
            default:
              if (i % 96 == user) socket.disconnect();
          }
        }
      });
    }
    for (int i = 0; i < 60; ++i) {
      SocketioClient client = running.open();
      client.send("0");
      client.emit(R"(["echo",1])");
      client.read();
      if (i % 3 == 0) client.send("1");
      if (i % 3 == 1) client.raw().reset();
    }
    is_over = true;
    for (std::thread& user : users)
      user.join();
    io.close();
    running.wait();
    CHECK(connected == 60);
    CHECK(left == 60);
    CHECK(answered == asked);  // each callback exactly once
  }

  TEST_CASE("handles answer closed once the client, and then the Server, is gone") {
    std::optional<Server> io(std::in_place);
    Joined joined(*io);
    WebSocket raw;
    io->websocket("/raw", {.on_open = [&](WebSocket socket) { raw = socket; }});
    Socket socket;
    {
      RunningServer running(*io);
      SocketioClient client = running.join();
      WebSocketClient other(running.port(), RunningServer::waiter(), {.target = "/raw"});
      socket = joined.socket.get();
      client.send("1");
      client.raw().close();
      other.raw().close();
      settle(*io);
    }
    const auto use = [&] {
      CHECK(socket.emit("e") == SendResult::closed);
      CHECK(socket.emit("e", [](std::error_code) { FAIL("called"); }) == SendResult::closed);
      socket.join("room");
      socket.leave("room");
      socket.set_data(1);
      socket.disconnect();
      socket.to("room").emit("e");
      CHECK_FALSE(socket.run([] { FAIL("called"); }));
      CHECK(socket.data().is_null());
      CHECK(socket.rooms().empty());
      CHECK_FALSE(socket.connected());
      CHECK(socket.id().size() == 20);
      CHECK(raw.send("x") == SendResult::closed);
      CHECK(raw.buffered() == 0);
      raw.close();
    };
    use();
    io.reset();
    use();
    std::thread(use).join();
  }

  TEST_CASE("what belongs to the Worker throws std::logic_error elsewhere") {
    Server io;
    Joined joined(io);
    RunningServer running(io);
    SocketioClient client = running.join();
    const Socket socket = joined.socket.get();
    CHECK_THROWS_AS(static_cast<void>(socket.data()), std::logic_error);
    CHECK_THROWS_AS(static_cast<void>(socket.handshake()), std::logic_error);
    CHECK_THROWS_AS(static_cast<void>(socket.rooms()), std::logic_error);
    CHECK_THROWS_AS(static_cast<void>(socket.connected()), std::logic_error);
    CHECK_THROWS_AS(static_cast<void>(socket.buffered()), std::logic_error);
    CHECK_THROWS_AS(socket.on("e", [] {}), std::logic_error);
    CHECK_THROWS_AS(socket.off("e"), std::logic_error);
    CHECK(socket.id() == client.id());
    std::promise<std::size_t> rooms;
    CHECK(socket.run([&] { rooms.set_value(socket.rooms().size()); }));
    CHECK(rooms.get_future().get() == 1);
  }

  TEST_CASE("responses, decisions and acknowledgements are given from many threads at once") {
    Server io;
    std::vector<std::thread> helpers;
    io.use([&](Socket, Next next) { helpers.emplace_back([next] { next(); }); });
    io.on("ask", [&](Socket, Ack<int> ack) {
      for (int i = 0; i < 2; ++i)
        helpers.emplace_back([ack] { ack(1); });
    });
    io.http().get("/late", [&](const Request&, Response response) {
      for (int i = 0; i < 2; ++i)
        helpers.emplace_back([response] { response.send(200, "text/plain", "ok"); });
    });
    io.http().get("/dropped", [&](const Request&, Response response) {
      helpers.emplace_back([response = std::move(response)] {});
    });
    {
      RunningServer running(io);
      for (int i = 0; i < 20; ++i) {
        SocketioClient client = running.join();
        client.send(R"(21["ask"])");
        CHECK(client.read() == "31[1]");
        RawClient late(running.port(), RunningServer::waiter());
        late.send("GET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        CHECK(late.read_to_end().starts_with("HTTP/1.1 200 OK\r\n"));
        RawClient dropped(running.port(), RunningServer::waiter());
        dropped.send("GET /dropped HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        if (i % 2 == 0) CHECK(dropped.read_to_end().starts_with("HTTP/1.1 500 "));
        if (i % 2 == 1) dropped.reset();
      }
    }
    for (std::thread& helper : helpers)
      helper.join();
  }
}

}  // namespace banter::test
