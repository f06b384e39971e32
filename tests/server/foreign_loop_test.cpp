#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

// A libuv loop of the application's. It must come to its end by itself, and with no handle on it.
struct ForeignLoop {
  ForeignLoop() { REQUIRE(uv_loop_init(&uv) == 0); }
  ~ForeignLoop() {
    uv_run(&uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv) == 0);
  }
  void turn() { uv_run(&uv, UV_RUN_NOWAIT); }
  uv_loop_t uv{};
};

}  // namespace

TEST_SUITE("a foreign loop") {
  TEST_CASE("serves without run, and is left without a handle when close is done") {
    ForeignLoop loop;
    Server io(&loop.uv);
    io.on("ping?", [](Socket, Ack<std::string> ack) { ack("pong"); });
    const int port = io.listen(0, "127.0.0.1").port;
    SocketioClient client(port, [&] { loop.turn(); });
    client.join();
    client.send(R"(21["ping?"])");
    CHECK(client.read() == R"(31["pong"])");
    bool is_done = false;
    io.close([&] {
      is_done = true;
      CHECK(uv_loop_alive(&loop.uv) == 0);
    });
    CHECK_FALSE(is_done);
    CHECK(client.socket().read_close().close_code() == 0);  // an empty body
    client.raw().close();
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    CHECK(is_done);
  }

  TEST_CASE("is left without a handle also by a Server that goes early") {
    ForeignLoop loop;
    auto io = std::make_unique<Server>(&loop.uv);
    SUBCASE("before it has listened") {}
    SUBCASE("after listen") {
      static_cast<void>(io->listen(0, "127.0.0.1"));
    }
    SUBCASE("after a turn") {
      static_cast<void>(io->listen(0, "127.0.0.1"));
      loop.turn();
    }
    SUBCASE("with close under way") {
      io->close();
    }
    SUBCASE("with tasks and timers waiting") {
      io->run_on(0, [] {});
      static_cast<void>(io->after(std::chrono::hours{1}, [] {}));
    }
    io.reset();
  }

  TEST_CASE("a client that is still connected does not outlive the Server by much") {
    ForeignLoop loop;
    auto io = std::make_unique<Server>(&loop.uv, Options{.close_timeout = std::chrono::milliseconds{10}});
    bool has_left = false;
    io->on("disconnect", [&](Socket, DisconnectReason) { has_left = true; });
    SocketioClient client(io->listen(0, "127.0.0.1").port, [&] { loop.turn(); });
    client.join();
    io.reset();
    uv_run(&loop.uv, UV_RUN_DEFAULT);  // ends though the client says nothing
    CHECK(has_left);
  }

  TEST_CASE("may be destroyed by what close tells") {
    ForeignLoop loop;
    auto io = std::make_unique<Server>(&loop.uv);
    static_cast<void>(io->listen(0, "127.0.0.1"));
    io->close([&] { io.reset(); });
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    CHECK_FALSE(io);
  }

  TEST_CASE("can have two servers, and handles of its own that are left alone") {
    ForeignLoop loop;
    uv_timer_t timer{};
    uv_timer_init(&loop.uv, &timer);
    uv_timer_start(
        &timer, [](uv_timer_t*) {}, 3'600'000, 0);
    {
      Server first(&loop.uv);
      Server second(&loop.uv);
      first.on("connection", [](Socket socket) { socket.emit("first"); });
      second.on("connection", [](Socket socket) { socket.emit("second"); });
      SocketioClient one(first.listen(0, "127.0.0.1").port, [&] { loop.turn(); });
      SocketioClient two(second.listen(0, "127.0.0.1").port, [&] { loop.turn(); });
      CHECK(one.join().read() == R"(2["first"])");
      CHECK(two.join().read() == R"(2["second"])");
      bool is_done = false;
      first.close([&] { is_done = true; });
      one.raw().close();
      while (!is_done)
        loop.turn();
      second.emit("still here");
      CHECK(two.read() == R"(2["still here"])");
    }
    while (uv_run(&loop.uv, UV_RUN_NOWAIT) != 0 && uv_loop_alive(&loop.uv) != 0) {
      const auto is_ours = [](uv_handle_t* handle, void* count) {
        ++*static_cast<int*>(count);
        static_cast<void>(handle);
      };
      int handles = 0;
      uv_walk(&loop.uv, is_ours, &handles);
      if (handles == 1) break;
    }
    CHECK(uv_is_active(reinterpret_cast<uv_handle_t*>(&timer)) != 0);
    uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
  }

  TEST_CASE("has no run, and must be there") {
    ForeignLoop loop;
    Server io(&loop.uv);
    CHECK_THROWS_AS(io.run(), std::logic_error);
    CHECK_THROWS_AS(Server(static_cast<uv_loop_s*>(nullptr)), std::invalid_argument);
  }

  TEST_CASE("every done of close is called once, also one that is added by a handler on the way") {
    TestServer server;
    int done = 0;
    server->on("disconnect", [&](Socket, DisconnectReason) { server->close([&] { ++done; }); });
    SocketioClient client = server.join();
    server->close([&] { ++done; });
    server->close([&] {
      ++done;
      throw std::runtime_error("done");
    });
    server->close();
    client.raw().close();
    server.run_until([&] { return done == 3; });
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].event == "close");
    server->close([&] { ++done; });
    CHECK(done == 3);
    CHECK_FALSE(server->run_on(0, [] {}));
    CHECK_THROWS_AS(static_cast<void>(server->listen(0)), std::logic_error);
  }

  TEST_CASE("a client in the middle of its handshake is refused once the server closes") {
    TestServer server;
    const std::string request = upgrade_request({});
    RawClient half(server.port(), server.turner());
    half.send(request.substr(0, 40));
    server.settle();
    server->close();
    server.turn();
    half.send(request.substr(40));
    CHECK(half.read(12) == "HTTP/1.1 503");
    half.close();
  }
}

}  // namespace banter::test
