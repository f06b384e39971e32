// Connection state recovery as an application sees it.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/running_server.h"
#include "tests/server/test_server.h"

namespace banter::test {

namespace {

Options with_recovery(RecoveryOptions recovery = {}) {
  Options options;
  options.recovery = recovery;
  return options;
}

// What a client knows that wants to come back.
struct Known {
  std::string sid;
  std::string pid;
  std::string offset;

  [[nodiscard]] std::string request() const {
    return R"(0{"pid":")" + pid + R"(","offset":")" + offset + "\"}";
  }
  [[nodiscard]] std::string connect() const { return R"(0{"sid":")" + sid + R"(","pid":")" + pid + "\"}"; }
};

Known known_from(const std::string& connect) {
  const json answer = json::parse(connect.substr(1));
  return {answer["sid"], answer["pid"], {}};
}

std::string offset_in(const std::string& event) {
  return json::parse(event.substr(1)).back();
}

// The event without its offset.
json event_of(const std::string& packet) {
  json event = json::parse(packet.substr(1));
  event.erase(event.size() - 1);
  return event;
}

}  // namespace

TEST_SUITE("Recovery") {
  TEST_CASE("a client comes back as the same socket; the connection handler can tell") {
    struct Connection {
      std::string id;
      bool recovered;
      RecoveryFailure failure;
      json data;
      std::vector<std::string> rooms;
    };
    std::vector<Connection> connections;
    int gone = 0;
    TestServer server(with_recovery());
    server->on("connection", [&](Socket socket) {
      connections.push_back(
          {socket.id(), socket.recovered(), socket.recovery_failure(), socket.data(), socket.rooms()});
      if (socket.recovered()) return;
      socket.join("red");
      socket.set_data({{"name", "ann"}});
      CHECK(socket.emit("welcome") == SendResult::posted);
    });
    server->on("disconnect", [&](Socket) { ++gone; });
    Known known;
    {
      SocketioClient client = server.open();
      client.send("0");
      known = known_from(client.read());
      known.offset = offset_in(client.read());
    }
    server.run_until([&] { return gone == 1; });
    server->to("red").emit("missed", 1);
    server->to("blue").emit("other's");
    server->volatile_().emit("fleeting");
    server->to(known.sid).emit("missed", 2);

    SocketioClient back = server.open();
    back.send(known.request());
    CHECK(event_of(back.read()) == json{"missed", 1});
    CHECK(event_of(back.read()) == json{"missed", 2});
    CHECK(back.read() == known.connect());
    REQUIRE(connections.size() == 2);
    CHECK_FALSE(connections[0].recovered);
    CHECK(connections[0].failure == RecoveryFailure::not_asked);
    CHECK(connections[1].recovered);
    CHECK(connections[1].id == known.sid);
    CHECK(connections[1].data == json{{"name", "ann"}});
    CHECK(connections[1].rooms == std::vector<std::string>{known.sid, "red"});
    server->to("red").emit("live");
    CHECK(event_of(back.read()) == json{"live"});
  }

  TEST_CASE("middlewares decide about who comes back, too, and may refuse it") {
    bool is_blocked = false;
    int gone = 0;
    TestServer server(with_recovery());
    server->use([&](Socket, Next next) { is_blocked ? next.refuse("blocked") : next(); });
    server->on("connection", [](Socket socket) { socket.emit("welcome"); });
    server->on("disconnect", [&](Socket) { ++gone; });
    Known known;
    {
      SocketioClient client = server.open();
      client.send("0");
      known = known_from(client.read());
      known.offset = offset_in(client.read());
    }
    server.run_until([&] { return gone == 1; });
    is_blocked = true;
    SocketioClient back = server.open();
    back.send(known.request());
    CHECK(back.read() == R"(4{"message":"blocked"})");
  }

  TEST_CASE("without the option nothing is added, and who asks gets a fresh socket") {
    TestServer server;
    server->on("connection", [](Socket socket) {
      CHECK_FALSE(socket.recovered());
      CHECK(socket.recovery_failure() == RecoveryFailure::not_asked);
      CHECK(socket.emit("welcome") == SendResult::sent);
    });
    SocketioClient client = server.open();
    client.send(R"(0{"pid":"AAAAAAAAAAAAAAAAAAAA","offset":"x"})");
    CHECK(json::parse(client.read().substr(1)).size() == 1);
    CHECK(client.read() == R"(2["welcome"])");
  }

  TEST_CASE("events of a thread arrive in the order of its calls, once each, over a loss in the middle") {
    constexpr int events = 2000;
    Server io(with_recovery());
    io.on("connection", [](Socket socket) {
      if (!socket.recovered()) socket.emit("welcome");
    });
    RunningServer running(io);
    auto client = std::make_unique<SocketioClient>(running.open());
    client->send("0");
    Known known = known_from(client->read());
    known.offset = offset_in(client->read());
    constexpr int each = 400;  // it goes on sending while the client comes back
    std::atomic<int> allowed = each;
    std::thread sender([&io, &allowed, sid = known.sid] {
      for (int i = 0; i < events; ++i) {
        while (i >= allowed)
          std::this_thread::yield();
        io.to(sid).emit("n", i);
      }
    });
    std::vector<int> got;
    const auto read = [&](const std::string& packet) {
      got.push_back(event_of(packet)[1]);
      known.offset = offset_in(packet);
    };
    for (int loss = 0; loss < events / each - 1; ++loss) {
      allowed += each;
      for (int i = 0; i < 100; ++i)
        read(client->read());
      client = std::make_unique<SocketioClient>(running.open());
      client->send(known.request());
      std::string packet = client->read();
      for (; packet.starts_with('2'); packet = client->read())
        read(packet);
      CHECK(packet == known.connect());
    }
    while (got.size() < std::size_t{events})
      read(client->read());
    sender.join();
    bool is_in_order = true;
    for (int i = 0; i < events; ++i)
      is_in_order = is_in_order && got[static_cast<std::size_t>(i)] == i;
    CHECK(is_in_order);
  }
}

}  // namespace banter::test
