// What an application registers for one socket, or for the events of all of a namespace.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using Log = std::vector<std::string>;
using namespace std::chrono_literals;

std::string shown(std::string_view event, const Args& args) {
  return std::string(event) + "/" + std::to_string(args.size());
}

}  // namespace

TEST_SUITE("server: a socket's events") {
  TEST_CASE("catch-alls, middlewares and handlers hear of an event in that order, the namespace's first") {
    TestServer server;
    Log log;
    server->on("e", [&](Socket, int) { log.emplace_back("nsp"); });
    server->on_any([&](Socket, std::string_view event, const Args& args) {
      log.push_back("nsp any " + shown(event, args));
    });
    server->use_event([&](Socket, std::string_view, const Args&, Next next) {
      log.emplace_back("nsp use");
      next();
    });
    server->on("connection", [&](Socket socket) {
      socket.on("e", [&](int x) { log.push_back("own " + std::to_string(x)); });
      socket.on_any(
          [&](std::string_view event, const Args& args) { log.push_back("any " + shown(event, args)); });
      socket.prepend_any([&](std::string_view, const Args&) { log.emplace_back("first"); });
      socket.use([&](std::string_view, const Args&, Next next) {
        log.emplace_back("use");
        next();
      });
    });
    SocketioClient client = server.join();
    client.emit("[\"e\",7]");
    server.run_until([&] { return log.size() == 7; });
    CHECK(log == Log{"nsp any e/1", "first", "any e/1", "nsp use", "use", "nsp", "own 7"});
  }

  TEST_CASE("a middleware of events may decide later, refuse, or forget to") {
    TestServer server;
    Log log;
    std::vector<Next> kept;
    server->on("e", [&](Socket, int x) { log.push_back(std::to_string(x)); });
    server->use_event([&](Socket, std::string_view, const Args& args, Next next) {
      switch (args.get<int>(0).value_or(0)) {
        case 1: kept.push_back(std::move(next)); break;
        case 2: next.refuse("denied"); break;
        case 3: break;  // dropped undecided
        default: next();
      }
    });
    SocketioClient client = server.join();
    for (const char* data : {"[\"e\",1]", "[\"e\",2]", "[\"e\",3]", "[\"e\",4]"})
      client.emit(data);
    server.run_until([&] { return kept.size() == 1; });
    server.settle();
    CHECK(log.empty());
    kept[0]();
    server.run_until([&] { return log.size() == 2; });
    CHECK(log == Log{"1", "4"});
    REQUIRE(server.problems.size() == 2);
    CHECK(server.problems[0].where == Problem::Where::middleware);
    CHECK(server.problems[0].event == "e");
    CHECK(server.problems[0].text == "denied");
    CHECK(server.problems[1].text == "internal error");
  }

  TEST_CASE("handlers are taken away by what on has answered, once hears of one event") {
    TestServer server;
    Log log;
    HandlerId id{};
    server->on("connection", [&](Socket socket) {
      id = socket.on("e", [&] { log.emplace_back("on"); });
      socket.once("e", [&] { log.emplace_back("once"); });
    });
    server->on("off", [&](Socket socket) { socket.off(id); });
    server->on("end", [&](Socket, Ack<> done) { done(); });
    SocketioClient client = server.join();
    for (const char* data : {"[\"e\"]", "[\"e\"]", "[\"off\"]", "[\"e\"]"})
      client.emit(data);
    client.send("20[\"end\"]");
    CHECK(client.read() == "30[]");
    CHECK(log == Log{"on", "once", "on"});
  }

  TEST_CASE("outgoing catch-alls hear emits and broadcasts; send is the event message") {
    TestServer server;
    Log log;
    server->on_any_outgoing([&](Socket, std::string_view event, const Args& args) {
      log.push_back("nsp " + shown(event, args));
    });
    server->on("connection", [&](Socket socket) {
      socket.on_any_outgoing(
          [&](std::string_view event, const Args& args) { log.push_back("own " + shown(event, args)); });
      socket.send(1, 2);
    });
    SocketioClient client = server.join();
    CHECK(client.read() == "2[\"message\",1,2]");
    server->emit("all", "x");
    CHECK(client.read() == "2[\"all\",\"x\"]");
    CHECK(log == Log{"nsp message/2", "own message/2", "nsp all/1", "own all/1"});
  }

  TEST_CASE("a socket's timers go with it, from any side they are made") {
    TestServer server;
    const auto state = std::make_shared<int>(0);
    int ran = 0;
    std::optional<Socket> joined;
    server->on("connection", [&](Socket socket) {
      joined = socket;
      socket.after(0ms, [&ran] { ++ran; });
      socket.after(0ms, [&ran] { ran += 100; }).cancel();
      socket.after(24h, [state] {});
    });
    {
      SocketioClient client = server.join();
      server.run_until([&] { return ran == 1; });
      CHECK(joined->transport() == Transport::websocket);
      CHECK(state.use_count() == 2);
      client.send("1");
      server.run_until([&] { return state.use_count() == 1; });
    }
    joined->after(0ms, [&ran, state] { ++ran; }).cancel();
    server.settle();
    CHECK(state.use_count() == 1);
    CHECK(ran == 1);
  }

  TEST_CASE("a socket hears that its client has changed to WebSocket") {
    TestServer server;
    Log log;
    server->on("connection", [&](Socket socket) {
      log.emplace_back(to_text(socket.transport()));
      socket.on_upgrade([&log, socket] { log.emplace_back(to_text(socket.transport())); });
    });
    PollingClient client = server.poll();
    client.post("40");
    static_cast<void>(client.poll());
    WebSocketClient next = server.websocket("/socket.io/?EIO=4&transport=websocket&sid=" + client.sid());
    next.send_text("2probe");
    CHECK(next.read_message() == "3probe");
    next.send_text("5");
    server.run_until([&] { return log.size() == 2; });
    CHECK(log == Log{"polling", "websocket"});
  }

  TEST_CASE("what registers for a namespace ends with listen") {
    TestServer server;
    server.port();
    CHECK_THROWS_AS(server->on_any([](Socket, std::string_view, const Args&) {}), std::logic_error);
    CHECK_THROWS_AS(server->on_any_outgoing([](Socket, std::string_view, const Args&) {}), std::logic_error);
    CHECK_THROWS_AS(server->use_event([](Socket, std::string_view, const Args&, Next) {}), std::logic_error);
  }

  TEST_CASE("a socket that is gone takes nothing, and answers as an empty one") {
    const Socket nobody;
    CHECK(nobody.on("e", [] {}) == HandlerId::none);
    CHECK(nobody.on_any([](std::string_view, const Args&) {}) == HandlerId::none);
    CHECK(nobody.transport() == Transport::polling);
    CHECK(nobody.nsp().name().empty());
    CHECK(nobody.send("x") == SendResult::closed);
    nobody.off_all();
    nobody.use([](std::string_view, const Args&, Next) {});
    nobody.after(1ms, [] {}).cancel();
  }

  TEST_CASE("plain JSON with auth by the first message") {
    TestServer server;
    server->native_events("/ws", "/", {.auth = NativeAuth::first_message});
    std::string auth;
    server->on("connection", [&](Socket socket) {
      auth = socket.handshake().auth.dump();
      CHECK(socket.transport() == Transport::native);
    });
    WebSocketClient client = server.websocket("/ws?token=seen");
    client.send_text(R"({"name":"auth","data":[{"token":"t"}]})");
    CHECK(client.read_message().starts_with(R"({"name":"connect")"));
    CHECK(auth == R"({"token":"t"})");
    WebSocketClient stranger = server.websocket("/ws");
    stranger.send_text(R"({"name":"hello"})");
    CHECK(stranger.read_close().close_code() == 4401);
  }

  TEST_CASE("limits that make no sense are refused, and named") {
    struct Case {
      Options options;
      const char* name;
    };
    std::vector<Case> cases;
    cases.push_back({{.max_event_name = 0}, "max_event_name"});
    cases.push_back({{.event_rate = EventRate{.per_second = 0, .burst = 1}}, "event_rate.per_second"});
    cases.push_back({{.event_rate = EventRate{.per_second = 1, .burst = 0.5}}, "event_rate.burst"});
    cases.push_back({{.max_namespaces = 0}, "max_namespaces"});
    for (const Case& one : cases) {
      CAPTURE(one.name);
      CHECK_THROWS_WITH_AS(one.options.validate(), doctest::Contains(one.name), std::invalid_argument);
    }
  }
}

}  // namespace banter::test
