#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

struct Line {
  LogLevel level;
  Layer layer;
  std::string text;
  std::string nsp;
  std::string socket_id;
  std::string address;
};

// A server whose lines are kept.
struct Logging {
  explicit Logging(LogLevel most, Options options = {}) : server(std::move(options)) {
    server->on_log(most, [this](const LogRecord& record) {
      lines.push_back({record.level, record.layer, std::string(record.text), std::string(record.nsp),
                       std::string(record.socket_id), std::string(record.address)});
    });
  }

  // Waits for a line that has `text` in it.
  const Line& wait_for(std::string_view text) {
    const Line* found = nullptr;
    server.run_until([&] {
      for (const Line& line : lines) {
        if (line.text.find(text) != std::string::npos) found = &line;
      }
      return found != nullptr;
    });
    return *found;
  }

  std::vector<Line> lines;
  TestServer server;
};

}  // namespace

TEST_SUITE("log") {
  TEST_CASE("says where the server listens, and that it closes") {
    Logging logging(LogLevel::info);
    const int port = logging.server.port();
    REQUIRE(logging.lines.size() == 1);
    CHECK(logging.lines[0].text == "listening on 127.0.0.1 port " + std::to_string(port));
    CHECK(logging.lines[0].level == LogLevel::info);
    logging.server.close();
    CHECK(logging.lines.back().text == "closed");
  }

  TEST_CASE("has only lines of the level that is wanted, and above") {
    Logging logging(LogLevel::warning);
    { SocketioClient client = logging.server.join(); }
    logging.server.run_until([&] { return logging.server->metrics().sockets.joined_now == 0; });
    logging.server.close();
    CHECK(logging.lines.empty());
  }

  TEST_CASE("tells of a client that has left what the disconnect handler hears") {
    Logging logging(LogLevel::info, {.ping_interval = 10ms, .ping_timeout = 20ms});
    SocketioClient client = logging.server.join();
    const Line& line = logging.wait_for("ping timeout");
    CHECK(line.text.starts_with("ping timeout: no pong within ping_timeout (by network, engine; heard of "));
    CHECK(line.level == LogLevel::info);
    CHECK(line.nsp == "/");
    CHECK(line.socket_id == client.id());
    CHECK(line.address == "127.0.0.1");
  }

  TEST_CASE("names the rule that a packet has broken") {
    Logging logging(LogLevel::warning);
    SocketioClient client = logging.server.join();
    client.send("2[\"no end\"");
    const Line& line = logging.wait_for("invalid packet: ");
    CHECK(line.level == LogLevel::warning);
    CHECK(line.layer == Layer::socketio);
    CHECK(line.address == "127.0.0.1");
  }

  TEST_CASE("names the option that would let a page's origin in") {
    Logging logging(LogLevel::warning);
    WebSocketClient client = logging.server.websocket("/socket.io/?EIO=4&transport=websocket",
                                                      "Origin: https://other.example\r\n");
    CHECK(client.status() == 403);
    const Line& line = logging.wait_for("Options::cors.origins = {\"https://other.example\"}");
    CHECK(line.level == LogLevel::warning);
  }

  TEST_CASE("tells why a request of Engine.IO was refused") {
    Logging logging(LogLevel::warning);
    CHECK(logging.server.ask({"GET /socket.io/?EIO=4&transport=polling&sid=x", {}, {}}).status == 400);
    REQUIRE(logging.lines.size() == 1);
    CHECK(logging.lines[0].text == "refused GET /socket.io/: Session ID unknown (code 1, UNKNOWN_SID)");
    CHECK(logging.lines[0].layer == Layer::engine);
  }

  TEST_CASE("has requests that broke a limit where every detail is wanted") {
    Logging logging(LogLevel::debug);
    CHECK(logging.server.ask({"GET /", "X: " + std::string(20'000, 'x') + "\r\n", {}}).status == 431);
    const Line& line = logging.wait_for("answered 431");
    CHECK(line.level == LogLevel::debug);
    CHECK(line.text == "answered 431: The header lines are too long.");
    CHECK(line.address == "127.0.0.1");
  }

  TEST_CASE("has what handlers do wrong only where on_error does not hear of it") {
    Logging logging(LogLevel::error);
    bool is_heard = true;
    SUBCASE("with on_error") {}
    SUBCASE("without") {
      is_heard = false;
      logging.server->on_error({});
    }
    logging.server->on("fail", [](Socket) { throw std::runtime_error("no more discs"); });
    SocketioClient client = logging.server.join();
    client.emit(R"(["fail"])");
    logging.server.run_until([&] { return logging.server->metrics().events.in == 1; });
    REQUIRE(logging.lines.size() == (is_heard ? 0 : 1));
    if (!is_heard) CHECK(logging.lines[0].text == "\"fail\": no more discs");
  }

  TEST_CASE("may fail: nobody hears of it, and the server goes on") {
    TestServer server;
    server->on_log(LogLevel::debug, [](const LogRecord&) { throw std::runtime_error("disc full"); });
    { SocketioClient client = server.join(); }
    SocketioClient client = server.join();
    CHECK(server.problems.empty());
  }

  TEST_CASE("may end the very client it tells of") {
    std::vector<Socket> sockets;
    int disconnects = 0;
    TestServer server;
    server->on("connection", [&](Socket socket) { sockets.push_back(socket); });
    server->on("disconnect", [&](Socket, DisconnectReason) { ++disconnects; });
    server->on_log(LogLevel::info, [&](const LogRecord&) {
      for (const Socket& socket : sockets)
        socket.disconnect(Disconnect::connection);
    });
    SocketioClient client = server.join();
    client.send("1");
    server.run_until([&] { return disconnects > 0; });
    server.settle();
    CHECK(disconnects == 1);
    CHECK(server->metrics().sockets.joined_now == 0);
  }

  TEST_CASE("is set before listen") {
    TestServer server;
    server.port();
    CHECK_THROWS_AS(server->on_log(LogLevel::info, [](const LogRecord&) {}), std::logic_error);
  }
}

}  // namespace banter::test
