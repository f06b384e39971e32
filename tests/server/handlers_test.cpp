#include <array>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter {

struct Point {
  int x = 0;
  int y = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Point, x, y)

namespace test {

// Sends `data` as an event and answers with what the handler acknowledges it with.
std::string ask(TestServer& server, SocketioClient& client, std::string_view data) {
  client.send("27" + std::string(data));
  const std::string answer = client.read();
  REQUIRE_MESSAGE(answer.starts_with("37["), answer);
  server.settle();
  return answer.substr(2);
}

TEST_SUITE("typed handlers") {
  TEST_CASE("every kind of parameter is decoded from its argument") {
    TestServer server;
    server->on("scalars", [](Socket, bool b, int i, std::uint64_t u, double d,
                             Ack<bool, int, std::uint64_t, double> ack) { ack(b, i, u, d); });
    server->on("texts", [](Socket, std::string s, std::string_view v, Ack<std::string, std::string> ack) {
      ack(s, std::string(v));
    });
    server->on("containers",
               [](Socket, std::vector<int> list, std::map<std::string, int> map, std::array<int, 2> pair,
                  Ack<std::vector<int>, std::map<std::string, int>, int> ack) { ack(list, map, pair[1]); });
    server->on("struct", [](Socket, const Point& point, Ack<Point> ack) { ack({point.y, point.x}); });
    server->on("json", [](Socket, json any, Ack<json> ack) { ack(any); });
    SocketioClient client = server.join();
    CHECK(ask(server, client, R"(["scalars",true,-1.0,18446744073709551615,1.5])") ==
          "[true,-1,18446744073709551615,1.5]");
    CHECK(ask(server, client, R"(["texts","a\"b","héllo"])") == R"(["a\"b","héllo"])");
    CHECK(ask(server, client, R"(["containers",[1,2],{"k":3},[4,5]])") == R"([[1,2],{"k":3},5])");
    CHECK(ask(server, client, R"(["struct",{"y":2,"x":1}])") == R"([{"x":2,"y":1}])");
    CHECK(ask(server, client, R"(["json",{"a":[null,1]}])") == R"([{"a":[null,1]}])");
    CHECK(server.problems.empty());
  }

  TEST_CASE("bytes are the attachments of the packet") {
    TestServer server;
    std::string seen;
    server->on("bytes", [&](Socket, Bytes owned, std::span<const std::byte> view) {
      seen = std::string(owned.text()) + "/" + std::string(as_text(view));
    });
    SocketioClient client = server.join();
    client.send(R"(52-["bytes",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
    client.socket().send_binary("one");
    client.socket().send_binary("two");
    server.run_until([&] { return !seen.empty(); });
    CHECK(seen == "one/two");
  }

  TEST_CASE("Args takes what typed parameters leave, and stands for its arguments") {
    TestServer server;
    server->on("rest", [](Socket, std::string first, const Args& rest,
                          Ack<std::size_t, std::string, Args> ack) { ack(rest.size(), first, rest); });
    SocketioClient client = server.join();
    CHECK(ask(server, client, R"(["rest","a",1.0,{"b":2}])") == R"([2,"a",1.0,{"b":2}])");
    CHECK(ask(server, client, R"(["rest","a"])") == R"([0,"a"])");
  }

  TEST_CASE("a missing argument fits only an optional; arguments beyond the parameters are ignored") {
    TestServer server;
    server->on("maybe", [](Socket, int a, std::optional<int> b, Ack<json> ack) {
      ack({a, b ? json(*b) : json("none")});
    });
    SocketioClient client = server.join();
    CHECK(ask(server, client, R"(["maybe",1])") == R"([[1,"none"]])");
    CHECK(ask(server, client, R"(["maybe",1,null])") == R"([[1,"none"]])");
    CHECK(ask(server, client, R"(["maybe",1,2,3,4])") == R"([[1,2]])");
  }

  TEST_CASE("arguments that do not fit are reported, unanswered, and the connection lives") {
    TestServer server;
    int calls = 0;
    server->on("typed", [&](Socket, std::string, int, Ack<> ack) {
      ++calls;
      ack();
    });
    SocketioClient client = server.join();
    struct Case {
      std::string_view data;
      std::size_t position;
    };
    for (const Case& one : std::vector<Case>{{R"(["typed"])", 0},
                                             {R"(["typed",1,2])", 0},
                                             {R"(["typed","a"])", 1},
                                             {R"(["typed","a",1.5])", 1},
                                             {R"(["typed","a",true])", 1},
                                             {R"(["typed","a",5000000000])", 1},
                                             {R"(["typed","a",null])", 1}}) {
      CAPTURE(one.data);
      server.problems.clear();
      client.send("21" + std::string(one.data));
      server.run_until([&] { return !server.problems.empty(); });
      REQUIRE(server.problems.size() == 1);
      CHECK(server.problems[0].where == Problem::Where::event);
      CHECK(server.problems[0].nsp == "/");
      CHECK(server.problems[0].event == "typed");
      CHECK(server.problems[0].position == one.position);
      CHECK(server.problems[0].text.find(one.position == 0 ? "string" : "integer") != std::string::npos);
    }
    CHECK(calls == 0);
    CHECK(ask(server, client, R"(["typed","a",1])") == "[]");  // the next packet after all of these
  }

  TEST_CASE("a struct whose from_json throws does not fit") {
    TestServer server;
    server->on("point", [](Socket, Point) { FAIL("called"); });
    SocketioClient client = server.join();
    client.emit(R"(["point",{"x":1}])");
    server.run_until([&] { return !server.problems.empty(); });
    CHECK(server.problems[0].position == 0);
  }

  TEST_CASE("handlers of the namespace run before those of the socket, each in the order of registration") {
    TestServer server;
    std::string order;
    server->on("connection", [&](Socket socket) {
      socket.on("e", [&] { order += "3"; });
      socket.on("e", [&](int) { order += "4"; });
    });
    server->on("e", [&](Socket) { order += "1"; });
    server->on("e", [&](Socket, int) { order += "2"; });
    SocketioClient client = server.join();
    client.emit(R"(["e",1])");
    server.run_until([&] { return order.size() == 4; });
    CHECK(order == "1234");
  }

  TEST_CASE("what a handler throws is reported with its event, and the others still run") {
    TestServer server;
    bool is_heard = false;
    server->on("e", [](Socket) { throw std::runtime_error("no luck"); });
    server->on("e", [](Socket) { throw 7; });
    server->on("e", [&](Socket) { is_heard = true; });
    SocketioClient client = server.join();
    client.emit(R"(["e"])");
    server.run_until([&] { return is_heard; });
    REQUIRE(server.problems.size() == 2);
    CHECK(server.problems[0].event == "e");
    CHECK(server.problems[0].text == "no luck");
  }

  TEST_CASE("a client's event named like a local happening does not reach its handlers") {
    TestServer server;
    int connections = 0;
    server->on("connection", [&](Socket) { ++connections; });
    SocketioClient client = server.join();
    client.emit(R"(["connection"])");
    server.settle();
    client.send(R"(21["connection"])");
    server.settle();
    CHECK(connections == 1);
  }

  TEST_CASE("a handler may move what it captures only once") {
    TestServer server;
    auto only = std::make_unique<int>(5);
    server->on("take", [only = std::move(only)](Socket, Ack<int> ack) mutable { ack((*only)++); });
    SocketioClient client = server.join();
    CHECK(ask(server, client, R"(["take"])") == "[5]");
    CHECK(ask(server, client, R"(["take"])") == "[6]");
  }
}

TEST_SUITE("a socket's own handlers") {
  TEST_CASE("may be added and removed inside handlers, also the running one") {
    TestServer server;
    std::string calls;
    server->on("connection", [&](Socket socket) {
      socket.on("e", [&calls, socket, state = std::make_shared<std::string>("a")] {
        socket.off("e");
        calls += *state;  // the running handler is still alive
        socket.on("e", [&calls] { calls += "c"; });
      });
      socket.on("e", [&calls] { calls += "b"; });  // removed before its turn
    });
    SocketioClient client = server.join();
    client.emit(R"(["e"])");
    client.emit(R"(["e"])");
    client.emit(R"(["e"])");
    server.run_until([&] { return calls.size() >= 3; });
    CHECK(calls == "acc");
  }

  TEST_CASE("are destroyed with the socket, behind its disconnect handlers") {
    TestServer server;
    std::weak_ptr<int> state;
    bool was_alive_in_disconnect = false;
    server->on("connection", [&](Socket socket) {
      auto owned = std::make_shared<int>(1);
      state = owned;
      socket.on("disconnect", [&, owned](DisconnectReason) { was_alive_in_disconnect = *owned == 1; });
    });
    {
      SocketioClient client = server.join();
      CHECK_FALSE(state.expired());
      client.send("1");
      server.run_until([&] { return state.expired(); });
    }
    CHECK(was_alive_in_disconnect);
  }

  TEST_CASE("are refused for what a socket cannot hear of") {
    TestServer server;
    server->on("connection", [](Socket socket) { socket.on("connection", [] {}); });
    SocketioClient client = server.open();
    client.send("0");
    server.run_until([&] { return !server.problems.empty(); });
    CHECK(server.problems[0].where == Problem::Where::connection);
    CHECK(server.problems[0].text.find("connection") != std::string::npos);
  }
}

TEST_SUITE("registration") {
  template <class Register>
  std::string refusal_of(Register code) {
    try {
      code();
    } catch (const std::logic_error& error) {
      return error.what();
    }
    return "(accepted)";
  }

  TEST_CASE("a handler that cannot be meant for its event is refused, naming it") {
    TestServer server;
    const auto names = [](const std::string& text, std::string_view name) {
      return text.find("\"" + std::string(name) + "\"") != std::string::npos;
    };
    CHECK(names(refusal_of([&] { server->on("disconect", [](Socket, DisconnectReason) {}); }), "disconect"));
    CHECK(names(refusal_of([&] { server->on("disconect", [](Socket, DisconnectReason) {}); }), "disconnect"));
    CHECK(names(refusal_of([&] { server->on("connection", [](Socket, int) {}); }), "connection"));
    CHECK(
        names(refusal_of([&] { server->on("connection", [](Socket, DisconnectReason) {}); }), "connection"));
    CHECK(names(refusal_of([&] { server->on("disconnect", [](Socket, std::string) {}); }), "disconnect"));
    CHECK(names(refusal_of([&] { server->on("disconnect", [](Socket, Ack<>) {}); }), "disconnect"));
    CHECK(names(refusal_of([&] { server->on("connect", [](Socket) {}); }), "connect"));
    CHECK(names(refusal_of([&] { server->on("newListener", [](Socket) {}); }), "newListener"));
  }

  TEST_CASE("reserved names cannot be emitted") {
    TestServer server;
    for (const char* name :
         {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
      CAPTURE(name);
      CHECK(refusal_of([&] { server->emit(name); }).find(name) != std::string::npos);
      CHECK(refusal_of([&] { Socket().emit(name); }).find(name) != std::string::npos);
    }
    CHECK(refusal_of([&] { server->emit("connection"); }) == "(accepted)");
  }

  TEST_CASE("ends with listen") {
    TestServer server;
    const Namespace known = server->of("/known");
    const Http http = server->http();
    server.port();
    CHECK(refusal_of([&] { server->on("e", [](Socket) {}); }).find("\"e\"") != std::string::npos);
    CHECK(refusal_of([&] { known.on("e", [](Socket) {}); }) != "(accepted)");
    CHECK(refusal_of([&] { server->use([](Socket, Next) {}); }) != "(accepted)");
    CHECK(refusal_of([&] { static_cast<void>(server->of("/new")); }).find("/new") != std::string::npos);
    CHECK(refusal_of([&] { static_cast<void>(server->of("/known")); }) == "(accepted)");
    CHECK(refusal_of([&] { static_cast<void>(server->of("known")); }) == "(accepted)");
    CHECK(refusal_of([&] { server->websocket("/raw", {}); }) != "(accepted)");
    CHECK(refusal_of([&] { server->native_events("/ws", "/"); }) != "(accepted)");
    CHECK(refusal_of([&] { http.get("/", [](const Request&, Response) {}); }) != "(accepted)");
    CHECK(refusal_of([&] { server->on_error(nullptr); }) != "(accepted)");
  }

  TEST_CASE("an endpoint's path must be free and begin with a slash") {
    TestServer server;
    server->websocket("/raw", {});
    for (const char* path : {"/raw", "raw", "", "/socket.io/"}) {
      CAPTURE(path);
      CHECK_THROWS_AS(server->websocket(path, {}), std::invalid_argument);
      CHECK_THROWS_AS(server->native_events(path, "/"), std::invalid_argument);
    }
    CHECK_THROWS_AS(static_cast<void>(server->of("/a,b")), std::invalid_argument);
  }
}

}  // namespace test

// The parameters of a handler are checked where it is compiled.
static_assert(detail::Decodable<int> && detail::Decodable<std::string_view> && detail::Decodable<Point>);
static_assert(!detail::Decodable<char> && !detail::Decodable<int*>);
static_assert(detail::PlainCallable<decltype([](Socket) {})>);
static_assert(!detail::PlainCallable<decltype([](auto) {})>);
static_assert(!std::is_copy_constructible_v<Server> && !std::is_move_constructible_v<Server>);

}  // namespace banter
