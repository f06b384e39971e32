#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/server/running_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

std::atomic<int> own_handler_calls{0};

}  // namespace

TEST_SUITE("a server with its own loop") {
  TEST_CASE("runs until close, from any thread, and once") {
    Server io;
    static_cast<void>(io.listen(0, "127.0.0.1"));
    bool is_done = false;
    std::thread closer([&] { io.close([&] { is_done = true; }); });
    io.run();
    closer.join();
    CHECK(is_done);
    io.run();  // closed: returns at once
    io.close([] { FAIL("called"); });
  }

  TEST_CASE("can be closed in a handler, and before run") {
    Server io;
    SUBCASE("in a task") {
      io.run_on(0, [&] { io.close(); });
    }
    SUBCASE("by a timer") {
      static_cast<void>(io.after(1ms, [&] { io.close(); }));
    }
    SUBCASE("before run, twice") {
      io.close();
      io.close();
    }
    io.run();
    CHECK_FALSE(io.run_on(0, [] {}));
  }

  TEST_CASE("cannot be run twice at a time") {
    Server io;
    std::string refusal;
    io.run_on(0, [&] {
      try {
        io.run();
      } catch (const std::logic_error& error) {
        refusal = error.what();
      }
      io.close();
    });
    io.run();
    CHECK(refusal.find("run") != std::string::npos);
  }

  TEST_CASE("may be destroyed at every point of its life") {
    auto io = std::make_unique<Server>();
    SUBCASE("unused") {}
    SUBCASE("after listen") {
      static_cast<void>(io->listen(0, "127.0.0.1"));
    }
    SUBCASE("after a listen that failed") {
      CHECK_THROWS_AS(static_cast<void>(io->listen(0, "no such host.invalid")), std::system_error);
    }
    SUBCASE("closed and not run") {
      io->close();
    }
    SUBCASE("after run") {
      io->close();
      io->run();
    }
    SUBCASE("with tasks that were never run") {
      io->run_on(0, [state = std::make_shared<int>(1)] {});
      static_cast<void>(io->after(1h, [state = std::make_shared<int>(1)] {}));
    }
    const Timer timer = io->after(1h, [] {});
    const Namespace main = io->of("/");
    const Broadcast room = io->to("room");
    const Http http = io->http();
    io.reset();
    timer.cancel();
    main.emit("e");
    main.count([](std::size_t) { FAIL("called"); });
    room.emit("e");
    room.sockets_join("x");
  }

  TEST_CASE("SIGTERM and SIGINT end run gracefully, and have their former effect afterwards") {
    for (const int number : {SIGTERM, SIGINT}) {
      CAPTURE(number);
      struct sigaction before {};
      struct sigaction own {};
      own.sa_handler = [](int) { ++own_handler_calls; };
      sigaction(number, &own, &before);
      std::string reason;
      {
        Server io;
        io.on("disconnect", [&](Socket, DisconnectReason why) { reason = why.text(); });
        RunningServer running(io);
        SocketioClient client = running.join();
        raise(number);
        CHECK(client.socket().read_close().close_code() == 0);  // an empty body
        client.raw().close();
        running.wait();
      }
      CHECK(reason == "server shutting down");
      CHECK(own_handler_calls == 0);
      raise(number);
      CHECK(own_handler_calls.exchange(0) == 1);
      sigaction(number, &before, nullptr);
    }
  }

  TEST_CASE("leaves the signals alone if it is told to") {
    struct sigaction before {};
    struct sigaction own {};
    own.sa_handler = [](int) { ++own_handler_calls; };
    sigaction(SIGTERM, &own, &before);
    Server io({.signals = false});
    RunningServer running(io);
    SocketioClient client = running.join();
    raise(SIGTERM);
    CHECK(own_handler_calls.exchange(0) == 1);
    client.emit(R"(["still served"])");
    io.emit("still here");
    CHECK(client.read() == R"(2["still here"])");
    sigaction(SIGTERM, &before, nullptr);
  }

  TEST_CASE("a client that reads nothing holds up the end for close_timeout at most") {
    Server io({.close_timeout = 10ms});
    io.websocket("/raw", {.on_open = [](WebSocket socket) { socket.send(std::string(4'000'000, 'x')); }});
    io.on("connection", [](Socket socket) { socket.emit("big", std::string(4'000'000, 'x')); });
    RunningServer running(io);
    SocketioClient silent = running.open({.receive_buffer = 2048});
    silent.send("0");
    WebSocketClient raw(running.port(), RunningServer::waiter(), {.target = "/raw", .receive_buffer = 2048});
    RawClient half(running.port(), RunningServer::waiter());
    half.send("GET / HT");
    std::promise<void> is_served;
    io.run_on(0, [&] { is_served.set_value(); });
    is_served.get_future().wait();
    io.close();
    running.wait();  // the test's own time limit says whether it ends
  }

  TEST_CASE("two servers live in one process") {
    Server first;
    Server second;
    first.on("connection", [](Socket socket) { socket.emit("first"); });
    second.on("connection", [](Socket socket) { socket.emit("second"); });
    RunningServer one(first);
    RunningServer two(second);
    SocketioClient client_of_one = one.join();
    SocketioClient client_of_two = two.join();
    CHECK(client_of_one.read() == R"(2["first"])");
    CHECK(client_of_two.read() == R"(2["second"])");
  }

  TEST_CASE("a port that is taken is named by the exception, host and all") {
    Server io;
    Server other;
    const Address bound = io.listen(0, "127.0.0.1");
    const std::string name = "127.0.0.1:" + std::to_string(bound.port);
    std::string what;
    try {
      static_cast<void>(other.listen(bound.port, "127.0.0.1"));
    } catch (const std::system_error& error) {
      what = error.what();
    }
    CHECK(what.find(name) != std::string::npos);
    CHECK(io.listen(0, "127.0.0.1").port != bound.port);  // a second one
  }
}

}  // namespace banter::test
