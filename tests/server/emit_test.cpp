#include <array>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

// A client that has joined, and the server's handle of it.
struct Pair {
  explicit Pair(TestServer& server) : client(prepare(server, *this)) {}

  Socket socket;
  SocketioClient client;

 private:
  static SocketioClient prepare(TestServer& server, Pair& pair) {
    server->on("connection", [&pair](Socket joined) { pair.socket = joined; });
    return server.join();
  }
};

}  // namespace

TEST_SUITE("emit") {
  TEST_CASE("takes every kind of argument") {
    TestServer server;
    Pair pair(server);
    const char* pointer = "c";
    pair.socket.emit("all", true, -1, std::uint64_t{18446744073709551615U}, 1.5, "text", std::string("s"),
                     std::string_view("v"), pointer, nullptr, std::optional<int>{}, std::vector<int>{1, 2},
                     std::array<int, 1>{3}, std::map<std::string, int>{{"k", 4}}, json{{"j", nullptr}});
    CHECK(
        pair.client.read() ==
        R"(2["all",true,-1,18446744073709551615,1.5,"text","s","v","c",null,null,[1,2],[3],{"k":4},{"j":null}])");
    pair.socket.emit("none");
    CHECK(pair.client.read() == R"(2["none"])");
    pair.socket.emit("bad", "\xff", std::numeric_limits<double>::infinity());
    CHECK(pair.client.read() == "2[\"bad\",\"\xEF\xBF\xBD\",null]");
    pair.socket.emit("bytes", Bytes(std::string_view("one")), json{{"b", json::binary({'t', 'w', 'o'})}});
    CHECK(pair.client.read() ==
          R"(52-["bytes",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}])");
    CHECK(pair.client.read() == "one");
    CHECK(pair.client.read() == "two");
  }

  TEST_CASE("answers sent on the Worker, posted elsewhere, closed once the client has gone") {
    TestServer server;
    Pair pair(server);
    CHECK(pair.socket.emit("here") == SendResult::sent);
    SendResult elsewhere{};
    std::thread([&] { elsewhere = pair.socket.emit("there"); }).join();
    CHECK(elsewhere == SendResult::posted);
    CHECK(pair.client.read() == R"(2["here"])");
    CHECK(pair.client.read() == R"(2["there"])");
    pair.client.send("1");
    server.run_until([&] { return !pair.socket.connected(); });
    CHECK(pair.socket.emit("gone") == SendResult::closed);
    std::thread([&] { elsewhere = pair.socket.emit("gone"); }).join();
    CHECK(elsewhere == SendResult::posted);
    server.settle();
  }

  TEST_CASE("a handle that names nobody answers closed, and what an empty socket would") {
    const Socket nobody;
    CHECK(nobody.emit("e") == SendResult::closed);
    CHECK(nobody.id().empty());
    CHECK(nobody.data().is_null());
    CHECK(nobody.rooms().empty());
    CHECK_FALSE(nobody.connected());
    CHECK(nobody.buffered() == 0);
    CHECK_FALSE(nobody.run([] {}));
    nobody.join("r");
    nobody.disconnect();
    nobody.to("r").emit("e");
    CHECK(nobody == Socket());
  }

  TEST_CASE("rooms are joined, left and excluded in one order") {
    TestServer server;
    std::vector<Socket> sockets;
    server->on("connection", [&](Socket socket) { sockets.push_back(socket); });
    SocketioClient first = server.join();
    SocketioClient second = server.join();
    sockets[0].join("both");
    sockets[1].join("both");
    sockets[1].join("one");
    CHECK(sockets[1].rooms().size() == 3);
    server->to("both").to("one").emit("a");
    server->to("both").except("one").emit("b");
    server->except("both").emit("nobody");
    sockets[0].to("both").emit("c");  // the others
    sockets[0].broadcast().emit("d");
    server->to(sockets[0].id()).emit("e");
    sockets[1].leave("both");
    server->to("both").emit("f");
    server->emit("g");
    for (const char* packet : {R"(2["a"])", R"(2["b"])", R"(2["e"])", R"(2["f"])", R"(2["g"])"})
      CHECK(first.read() == packet);
    for (const char* packet : {R"(2["a"])", R"(2["c"])", R"(2["d"])", R"(2["g"])"})
      CHECK(second.read() == packet);
    server->to("one").sockets_join("later");
    server->to("later").emit("h");
    CHECK(second.read() == R"(2["h"])");
    server->in("later").disconnect_sockets();
    CHECK(second.read() == "1");
    CHECK_FALSE(sockets[1].connected());
    CHECK(sockets[0].connected());
  }

  TEST_CASE("count tells a namespace's sockets, and what its callback throws is reported") {
    TestServer server;
    Pair pair(server);
    std::size_t count = 0;
    server->count([&](std::size_t sockets) { count = sockets; });
    server.run_until([&] { return count != 0; });
    CHECK(count == 1);
    server->count([](std::size_t) { throw std::runtime_error("counted"); });
    pair.socket.run([] { throw std::runtime_error("here"); });
    std::thread([&] { pair.socket.run([] { throw std::runtime_error("posted"); }); }).join();
    server->run_on(0, [] { throw std::runtime_error("run_on"); });
    server->after(std::chrono::milliseconds{1}, [] { throw std::runtime_error("after"); });
    server.run_until([&] { return server.problems.size() == 5; });
    for (const Heard& heard : server.problems)
      CHECK(heard.where == Problem::Where::task);
  }

  TEST_CASE("a timer runs once, can be called off from any thread, and takes any delay") {
    TestServer server;
    server.port();
    int runs = 0;
    bool is_last = false;
    server->after(std::chrono::milliseconds::min(), [&] { ++runs; });
    const Timer called_off = server->after(std::chrono::milliseconds{1}, [&] { runs += 100; });
    const Timer far = server->after(std::chrono::milliseconds::max(), [&] { runs += 100; });
    std::thread([&] { called_off.cancel(); }).join();
    server->after(std::chrono::milliseconds{20}, [&] { is_last = true; });
    server.run_until([&] { return is_last; });
    CHECK(runs == 1);
    far.cancel();
    far.cancel();
    Timer().cancel();
  }
}

}  // namespace banter::test
