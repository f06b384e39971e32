// What can be asked about sockets, rooms and servers, and done to sockets that were fetched.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

// A server with two clients in room "r", the second also in "s".
struct Rooms {
  Rooms() {
    server->on("connection", [this](Socket socket) {
      socket.set_data(json{{"n", sockets.size()}});
      socket.join("r");
      if (!sockets.empty()) socket.join("s");
      sockets.push_back(socket);
    });
    a.emplace(server.join("/", R"({"name":"a"})"));
    b.emplace(server.join("/", R"({"name":"b"})"));
  }

  std::vector<RemoteSocket> fetch(const Broadcast& from) {
    std::optional<std::vector<RemoteSocket>> found;
    from.fetch_sockets([&](std::error_code error, std::vector<RemoteSocket> all) {
      CHECK_FALSE(error);
      found.emplace(std::move(all));
    });
    CHECK_FALSE(found.has_value());  // never inside the call
    server.run_until([&] { return found.has_value(); });
    return std::move(*found);
  }
  std::size_t count(const Broadcast& of) {
    std::optional<std::size_t> size;
    of.count([&](std::size_t value) { size = value; });
    server.run_until([&] { return size.has_value(); });
    return *size;
  }

  std::vector<Socket> sockets;
  TestServer server;  // behind what its handlers use
  std::optional<SocketioClient> a, b;
};

std::string id_of(const std::string& packet) {
  REQUIRE(packet.starts_with('2'));
  return packet.substr(1, packet.find('[') - 1);
}

}  // namespace

TEST_SUITE("queries") {
  TEST_CASE("fetch_sockets tells what is known of each selected socket") {
    Rooms rooms;
    std::vector<RemoteSocket> all = rooms.fetch(rooms.server->in("r"));
    REQUIRE(all.size() == 2);
    const RemoteSocket& b = all[0].id() == rooms.b->id() ? all[0] : all[1];
    CHECK(b.id() == rooms.b->id());
    CHECK(b.rooms() == Strings{rooms.b->id(), "r", "s"});
    CHECK(b.data() == json{{"n", 1}});
    CHECK(b.handshake().auth == json{{"name", "b"}});
    CHECK(b.handshake().address == "127.0.0.1");
    CHECK(b.handshake().query() ==
          std::map<std::string, std::string>{{"EIO", "4"}, {"transport", "websocket"}});
    CHECK(rooms.fetch(rooms.server->in("r").except("s")).size() == 1);
    CHECK(rooms.fetch(rooms.server->in("nobody")).empty());
    CHECK(rooms.fetch(rooms.server->local()).size() == 2);
  }

  TEST_CASE("what is done to a fetched socket reaches it, and it alone") {
    Rooms rooms;
    const RemoteSocket b = rooms.fetch(rooms.server->in(rooms.b->id())).at(0);
    b.emit("hi", 1);
    b.volatile_().compress(false).emit("again");
    CHECK(rooms.b->read() == R"(2["hi",1])");
    CHECK(rooms.b->read() == R"(2["again"])");
    b.join("t");
    b.join(Strings{"u", "v"});
    b.leave("u");
    b.leave(Strings{"v", "s"});
    rooms.server.settle();
    CHECK(rooms.fetch(b.to_broadcast()).at(0).rooms() == Strings{b.id(), "r", "t"});
    b.disconnect();
    CHECK(rooms.b->read() == "1");
    rooms.server->emit("only a");
    CHECK(rooms.a->read() == R"(2["only a"])");
  }

  TEST_CASE("a fetched socket may be asked: the callback hears one answer, or why there is none") {
    Rooms rooms;
    const RemoteSocket b = rooms.fetch(rooms.server->in(rooms.b->id())).at(0);
    Strings heard;
    std::vector<std::error_code> errors;
    const auto callback = [&](std::error_code error, std::string answer) {
      errors.push_back(error);
      heard.push_back(answer);
    };
    b.emit("ask", 1, callback);
    rooms.b->send("3" + id_of(rooms.b->read()) + R"(["yes"])");
    rooms.server.run_until([&] { return heard.size() == 1; });
    b.emit("ask", callback);
    rooms.b->send("3" + id_of(rooms.b->read()) + "[1]");
    rooms.server.run_until([&] { return heard.size() == 2; });
    b.timeout(1ms).emit("ask", callback);
    rooms.server.run_until([&] { return heard.size() == 3; });
    b.disconnect();
    b.emit("ask", callback);
    rooms.server.run_until([&] { return heard.size() == 4; });
    CHECK(heard == Strings{"yes", "", "", ""});
    CHECK(errors ==
          std::vector<std::error_code>{{}, AckError::bad_reply, AckError::timeout, AckError::disconnected});
  }

  TEST_CASE("a callback without error_code hears an answer only; on_error hears the rest") {
    Rooms rooms;
    const RemoteSocket b = rooms.fetch(rooms.server->in(rooms.b->id())).at(0);
    std::vector<int> heard;
    b.emit("ask", [&](int answer) { heard.push_back(answer); });
    rooms.b->send("3" + id_of(rooms.b->read()) + "[5]");
    rooms.server.run_until([&] { return !heard.empty(); });
    b.timeout(1ms).emit("ask", [&](int answer) { heard.push_back(answer); });
    rooms.server.run_until([&] { return !rooms.server.problems.empty(); });
    CHECK(heard == std::vector{5});
    CHECK(rooms.server.problems[0].where == Problem::Where::ack);
    CHECK(rooms.server.problems[0].text == make_error_code(AckError::timeout).message());
  }

  TEST_CASE("count tells how many sockets are selected") {
    Rooms rooms;
    CHECK(rooms.count(rooms.server->in("r")) == 2);
    CHECK(rooms.count(rooms.server->in("s")) == 1);
    CHECK(rooms.count(rooms.server->in(Strings{"r", "s"})) == 2);
    CHECK(rooms.count(rooms.server->except("s")) == 1);
    CHECK(rooms.count(rooms.server->local()) == 2);
    CHECK(rooms.count(rooms.server->in("nobody")) == 0);
  }

  TEST_CASE("all that are selected join and leave several rooms, and are disconnected") {
    Rooms rooms;
    rooms.server->sockets_join(Strings{"t", "u"});
    CHECK(rooms.count(rooms.server->in("u")) == 2);
    rooms.server->in("s").sockets_leave(Strings{"t", "u", "never joined"});
    CHECK(rooms.count(rooms.server->in("u")) == 1);
    rooms.server->in("u").disconnect_sockets();
    CHECK(rooms.a->read() == "1");
    CHECK(rooms.count(rooms.server->in("r")) == 1);
    rooms.server->disconnect_sockets(Disconnect::connection);
    CHECK(rooms.b->read() == "1");
    CHECK(rooms.count(rooms.server->in("r")) == 0);
  }

  TEST_CASE("room_list tells the rooms that were joined, with their members") {
    Rooms rooms;
    std::optional<std::vector<RoomInfo>> found;
    rooms.server->room_list([&](std::vector<RoomInfo> all) { found.emplace(std::move(all)); });
    rooms.server.run_until([&] { return found.has_value(); });
    std::sort(found->begin(), found->end(), [](const auto& x, const auto& y) { return x.name < y.name; });
    REQUIRE(found->size() == 2);
    CHECK((*found)[0].name == "r");
    CHECK((*found)[0].size == 2);
    CHECK((*found)[1].name == "s");
    CHECK((*found)[1].size == 1);
  }

  TEST_CASE("on_room_created and on_room_deleted hear of rooms, not of those named by ids") {
    Strings heard;
    TestServer server;
    server->on("connection", [](Socket socket) {
      socket.join("r");
      socket.join(socket.id());
    });
    const Namespace nsp = server->of("/");
    nsp.on_room_created([&](std::string_view room) { heard.push_back("+" + std::string(room)); });
    nsp.on_room_deleted([&](std::string_view room) { heard.push_back("-" + std::string(room)); });
    SocketioClient a = server.join();
    SocketioClient b = server.join();
    server.run_until([&] { return !heard.empty(); });
    a.send("1");
    b.send("1");
    server.run_until([&] { return heard.size() == 2; });
    CHECK(heard == Strings{"+r", "-r"});
    CHECK_THROWS_AS(nsp.on_room_created([](std::string_view) {}), std::logic_error);
    CHECK_THROWS_AS(nsp.on_room_deleted([](std::string_view) {}), std::logic_error);
  }

  TEST_CASE("any thread may ask") {
    Rooms rooms;
    std::size_t fetched = 0;
    std::size_t counted = 0;
    std::thread([&] {
      const Namespace everyone = rooms.server->of("/");
      everyone.sockets_join("t");
      everyone.in("t").fetch_sockets(
          [&](std::error_code, std::vector<RemoteSocket> all) { fetched = all.size(); });
      everyone.in("t").count([&](std::size_t size) { counted = size; });
    }).join();
    rooms.server.run_until([&] { return counted != 0; });
    CHECK(fetched == 2);
    CHECK(counted == 2);
  }
}

TEST_SUITE("servers of a cluster") {
  TEST_CASE("a server that is alone counts one, and asks nobody") {
    TestServer server;
    int own_events = 0;
    server->on_server("hello", [&](int, Ack<int>) { ++own_events; });
    server.port();
    std::size_t servers = 0;
    server->server_count([&](std::size_t count) { servers = count; });
    server.run_until([&] { return servers != 0; });
    CHECK(servers == 1);
    bool is_done = false;
    server->server_side_emit("hello", 1);
    server->server_side_emit("hello", 1, [&](std::error_code error, Answers<int> answers) {
      is_done = true;
      CHECK_FALSE(error);
      CHECK(answers.expected == 0);
      CHECK(answers.values.empty());
    });
    CHECK_FALSE(is_done);
    server.run_until([&] { return is_done; });
    CHECK(own_events == 0);
  }

  TEST_CASE("on_server refuses what no server can send, and what comes too late") {
    TestServer server;
    CHECK_THROWS_AS(server->on_server("connect", [] {}), std::logic_error);
    CHECK_THROWS_AS(server->on_server("x", [](DisconnectReason) {}), std::logic_error);
    server.port();
    CHECK_THROWS_AS(server->on_server("x", [] {}), std::logic_error);
    CHECK_THROWS_AS(server->server_side_emit("connect"), std::logic_error);
  }
}

}  // namespace banter::test
