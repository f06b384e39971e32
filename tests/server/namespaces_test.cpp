// Namespaces by rules, as the application sees them.
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

TEST_SUITE("server: namespaces by rules") {
  TEST_CASE("a Namespace made from a pattern reaches all its instances") {
    TestServer server;
    const Namespace rooms = server->of(Pattern{"^/room-\\d+$"});
    std::string joined;
    rooms.on("connection", [&](Socket socket) { joined += socket.nsp().name() + " "; });
    rooms.on("say", [](Socket socket, int x) { socket.nsp().emit("said", x); });
    CHECK(rooms.name() == "^/room-\\d+$");
    SocketioClient one = server.join("/room-1");
    SocketioClient two = server.join("/room-2");
    CHECK(joined == "/room-1 /room-2 ");
    std::size_t sockets = 0;
    rooms.count([&](std::size_t size) { sockets = size; });
    server.run_until([&] { return sockets == 2; });

    rooms.emit("all", 1);
    CHECK(one.read() == "2/room-1,[\"all\",1]");
    CHECK(two.read() == "2/room-2,[\"all\",1]");
    one.send("2/room-1,[\"say\",5]");
    CHECK(one.read() == "2/room-1,[\"said\",5]");
    rooms.everyone().disconnect_sockets();
    CHECK(one.read() == "1/room-1,");
    CHECK(two.read() == "1/room-2,");
  }

  TEST_CASE("a predicate decides by name and auth, and new namespaces are announced") {
    TestServer server;
    const Namespace tenants = server->of([](std::string_view name, const json& auth) {
      return name.starts_with("/tenant-") && auth.value("key", 0) == 7;
    });
    CHECK(tenants.name().empty());
    std::vector<std::string> made;
    server->on_new_namespace([&](Namespace nsp) { made.push_back(nsp.name()); });
    SocketioClient stranger = server.open();
    stranger.send("0/tenant-1,{\"key\":8}");
    CHECK(stranger.read() == "4/tenant-1,{\"message\":\"Invalid namespace\"}");
    SocketioClient tenant = server.join("/tenant-1", "{\"key\":7}");
    CHECK(made == std::vector<std::string>{"/tenant-1"});
  }

  TEST_CASE("of() after listen finds what exists, and reaches nobody by a name that does not") {
    TestServer server;
    CHECK_THROWS_AS(static_cast<void>(server->of(Pattern{"("})), std::invalid_argument);
    static_cast<void>(server->of(Pattern{"^/room-"}));
    SocketioClient client = server.join("/room-1");
    server->of("/room-2").emit("lost");
    server->of("room-1").emit("found");
    CHECK(client.read() == "2/room-1,[\"found\"]");
    CHECK_THROWS_AS(static_cast<void>(server->of(Pattern{"x"})), std::logic_error);
    CHECK_THROWS_AS(server->of("/room-1").on("x", [](Socket) {}), std::logic_error);
    CHECK_THROWS_AS(server->on_new_namespace({}), std::logic_error);
  }

  TEST_CASE("of() after listen without rules refuses a new name") {
    TestServer server;
    server.port();
    CHECK_NOTHROW(static_cast<void>(server->of("/")));
    CHECK_THROWS_AS(static_cast<void>(server->of("/new")), std::logic_error);
  }

  TEST_CASE("a handle of a namespace that was cleaned up does not reach its successor") {
    TestServer server(Options{.cleanup_empty_namespaces = true});
    std::vector<Namespace> kept;
    const Namespace rooms = server->of(Pattern{"^/room-"});
    rooms.on("connection", [&](Socket socket) { kept.push_back(socket.nsp()); });
    SocketioClient client = server.join("/room-1");
    client.send("1/room-1,");
    client.join("/room-1");
    REQUIRE(kept.size() == 2);
    kept[0].emit("stale");
    kept[1].emit("fresh");
    CHECK(client.read() == "2/room-1,[\"fresh\"]");
  }
}

}  // namespace banter::test
