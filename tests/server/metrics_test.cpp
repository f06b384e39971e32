#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

std::size_t index(Reason reason) {
  return static_cast<std::size_t>(reason);
}

}  // namespace

TEST_SUITE("metrics") {
  TEST_CASE("are all zero at first, and still there when the server is closed") {
    TestServer server;
    CHECK(server->metrics().connections.opened == 0);
    CHECK(server->metrics().loop.lag.count() == 0);
    { SocketioClient client = server.join(); }
    server.close();
    CHECK(server->metrics().connections.opened == 1);
    CHECK(server->metrics().sockets.joined == 1);
  }

  TEST_CASE("tell clients apart by what carries them, while they are there") {
    TestServer server;
    server->websocket("/raw", {});
    server->native_events("/native", "/");
    {
      PollingClient polling = server.poll();
      SocketioClient websocket = server.open();
      WebSocketClient native = server.websocket("/native");
      WebSocketClient raw = server.websocket("/raw");
      const Metrics::Connections now = server->metrics().connections;
      CHECK(now.polling == 1);
      CHECK(now.websocket == 1);
      CHECK(now.native == 1);
      CHECK(now.raw == 1);
      CHECK(now.opened == 4);
    }
    const auto are_gone = [&] {
      const Metrics::Connections now = server->metrics().connections;
      return now.websocket + now.native + now.raw == 0;  // a session on long-polling outlives its connection
    };
    server.run_until(are_gone);
    CHECK(server->metrics().connections.opened == 4);
  }

  TEST_CASE("count sockets now and ever, and why they left") {
    TestServer server;
    SocketioClient client = server.join();
    CHECK(server->metrics().sockets.joined_now == 1);
    client.send("1");
    server.run_until([&] { return server->metrics().sockets.joined_now == 0; });
    const Metrics::Sockets sockets = server->metrics().sockets;
    CHECK(sockets.joined == 1);
    CHECK(sockets.disconnects[index(Reason::client_namespace_disconnect)] == 1);
    CHECK(sockets.disconnects[index(Reason::transport_close)] == 0);
  }

  TEST_CASE("count every reason, the last one too") {
    TestServer server;
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    SocketioClient client = server.join();
    socket.disconnect();
    CHECK(server->metrics().sockets.disconnects[index(Reason::server_namespace_disconnect)] == 1);
  }

  TEST_CASE("tell what was not done because of a limit, and what waits of the budget") {
    TestServer server({.max_rooms = 1, .max_pending_acks = 1, .budget = 123'000'000});
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    SocketioClient client = server.join();
    socket.join({"a", "b"});
    socket.emit("q", [](std::error_code) {});
    CHECK(socket.emit("q", [](std::error_code) {}) == SendResult::dropped);
    const Metrics metrics = server->metrics();
    CHECK(metrics.limits.max_rooms == 1);
    CHECK(metrics.limits.max_pending_acks == 1);
    CHECK(metrics.memory.waiting == 0);
    CHECK(metrics.memory.budget == 123'000'000);
  }

  TEST_CASE("tell why a CONNECT was refused") {
    std::optional<Next> kept;
    TestServer server({.middleware_timeout = 10ms});
    server->of("/denied").use([](Socket, Next next) { next.refuse("no"); });
    server->of("/slow").use([&](Socket, Next next) { kept = next; });
    SocketioClient client = server.open();
    for (const char* nsp : {"/nowhere", "/denied", "/slow"}) {
      client.send("0" + std::string(nsp) + ",");
      CHECK(client.read().starts_with("4" + std::string(nsp)));
    }
    const Metrics::Sockets sockets = server->metrics().sockets;
    CHECK(sockets.refused == 3);
    CHECK(sockets.unknown_namespace == 1);
    CHECK(sockets.middleware_timeouts == 1);
    CHECK(sockets.joined == 0);
  }

  TEST_CASE("show how long answers took, and those that did not come") {
    Socket socket;
    bool is_over = false;
    TestServer server;
    server->on("connection", [&](Socket joined) { socket = joined; });
    SocketioClient client = server.join();
    socket.emit("ask", [&](std::error_code) { is_over = true; });
    const std::string question = client.read();
    client.send("3" + question.substr(1, question.find('[') - 1) + "[]");
    server.run_until([&] { return is_over; });
    client.send("3999[]");
    server.run_until([&] { return server->metrics().acks.unknown == 1; });
    CHECK(server->metrics().acks.latency.count() == 1);
    CHECK(server->metrics().acks.timeouts == 0);

    is_over = false;
    socket.timeout(1ms).emit("ask", [&](std::error_code) { is_over = true; });
    server.run_until([&] { return is_over; });
    CHECK(server->metrics().acks.latency.count() == 1);
    CHECK(server->metrics().acks.timeouts == 1);
    CHECK(server->metrics().acks.in == 2);
  }

  TEST_CASE("count every byte that comes and goes") {
    TestServer server;
    const std::string request = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const HttpAnswer answer = server.ask({"GET /nothing", {}, {}});
    CHECK(server->metrics().bytes.in == request.size());
    CHECK(server->metrics().bytes.out == answer.head.size() + 2 + answer.body.size());
    CHECK(server->metrics().http.requests == 1);
    CHECK(server->metrics().http.answers[3] == 1);
  }

  TEST_CASE("show that a handler has held up the loop") {
    TestServer server({.ping_interval = 10ms, .stall_threshold = 50ms});
    server->on("block", [](Socket) {
      const auto end = std::chrono::steady_clock::now() + 450ms;
      while (std::chrono::steady_clock::now() < end) {
      }
    });
    SocketioClient client = server.join();
    client.emit(R"(["block"])");
    server.run_until([&] { return server->metrics().loop.stalls > 0; });
    CHECK(server->metrics().loop.lag.sum >= 50ms);
  }

  TEST_CASE("may be asked for by any thread") {
    TestServer server;
    server->on("echo", [](Socket socket, int number) { socket.emit("echo", number); });
    SocketioClient client = server.join();
    std::atomic<bool> is_over{false};
    bool is_rising = true;
    std::thread reader([&] {
      std::uint64_t last = 0;
      while (!is_over) {
        const std::uint64_t now = server->metrics().events.in;
        is_rising = is_rising && now >= last;
        last = now;
      }
    });
    for (int i = 0; i < 100; ++i) {
      client.emit("[\"echo\"," + std::to_string(i) + "]");
      client.read();
    }
    is_over = true;
    reader.join();
    CHECK(is_rising);
    CHECK(server->metrics().events.in == 100);
    CHECK(server->metrics().events.out == 100);
  }
}

TEST_SUITE("metrics_path") {
  TEST_CASE("begins with a slash, and takes the route") {
    CHECK_THROWS_WITH_AS(Server({.metrics_path = "metrics"}),
                         "banter: option metrics_path: \"metrics\": a path begins with a slash",
                         std::invalid_argument);
    TestServer server({.metrics_path = "/metrics"});
    CHECK_THROWS_AS(server->http().get("/metrics", [](const Request&, Response) {}), std::invalid_argument);
    CHECK(server.ask({"GET /metrics", {}, {}}).body.starts_with("# HELP banter_"));
  }

  TEST_CASE("is behind the middlewares of http()") {
    TestServer server({.metrics_path = "/metrics"});
    server->http().use([](const Request& request) -> std::optional<Http::Refusal> {
      if (request.header("Authorization") == "Bearer secret") return std::nullopt;
      return Http::Refusal{401, "who are you?"};
    });
    CHECK(server.ask({"GET /metrics", {}, {}}).status == 401);
    CHECK(server.ask({"GET /metrics", "Authorization: Bearer secret\r\n", {}}).status == 200);
  }
}

}  // namespace banter::test
