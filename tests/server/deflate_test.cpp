#include <string>
#include <vector>

#include "tests/server/test_server.h"
#include "tests/support/deflating_client.h"

namespace banter::test {

namespace {

const std::string socketio_target = "/socket.io/?EIO=4&transport=websocket";
const std::string long_text(2000, 'x');

DeflatingClient open(TestServer& server, const std::string& target,
                     const std::string& offer = "permessage-deflate") {
  return DeflatingClient(server.port(), server.turner(), target, offer);
}

// A client of Socket.IO in "/".
DeflatingClient join(TestServer& server, const std::string& offer = "permessage-deflate") {
  DeflatingClient client = open(server, socketio_target, offer);
  CHECK(client.read().text.starts_with("0{"));
  client.socket().send_text("40");
  CHECK(client.read().text.starts_with("40{"));
  return client;
}

}  // namespace

TEST_SUITE("compression of WebSockets") {
  TEST_CASE("is off by default, whatever the client offers") {
    TestServer server;
    server->websocket("/raw", {});
    server->native_events("/native", "/");
    for (const char* target : {socketio_target.c_str(), "/raw", "/native"})
      CHECK_FALSE(open(server, target).has_agreed());
    DeflatingClient client = join(server);
    server->emit("text", long_text);
    CHECK_FALSE(client.read().was_deflated);
  }

  TEST_CASE("a broadcast goes to all who agreed in the same compressed frame, to others as it is") {
    TestServer server({.deflate = DeflateOptions{}});
    DeflatingClient one = join(server);
    DeflatingClient two = join(server);
    SocketioClient plain = server.join();
    PollingClient polling = server.poll();
    polling.join();
    const std::string expected = R"(42["text",")" + long_text + R"("])";
    std::string first_payload;
    for (int i = 0; i < 2; ++i) {
      CAPTURE(i);
      server->emit("text", long_text);
      const DeflatingClient::Message to_one = one.read();
      const DeflatingClient::Message to_two = two.read();
      CHECK(to_one.was_deflated);
      CHECK(to_one.text == expected);
      CHECK(to_two.payload == to_one.payload);
      CHECK("4" + plain.read() == expected);
      CHECK("4" + polling.read() == expected);
      if (i == 0) first_payload = to_one.payload;
      CHECK(to_one.payload == first_payload);  // no context
    }
  }

  TEST_CASE("with context takeover later messages refer to earlier ones, unless a client declines that") {
    TestServer server({.deflate = DeflateOptions{.context_takeover = true}});
    DeflatingClient keeping = join(server);
    DeflatingClient declining = join(server, "permessage-deflate; server_no_context_takeover");
    std::string text;
    for (int i = 0; i < 600; ++i)
      text += std::to_string(i * i);
    const std::string expected = R"(42["text",")" + text + R"("])";
    server->emit("text", text);
    server->emit("text", text);
    const std::size_t first = keeping.read().payload.size();
    const DeflatingClient::Message second = keeping.read();
    CHECK(second.text == expected);
    CHECK(second.payload.size() < first / 10);
    const std::string alone = declining.read().payload;
    const DeflatingClient::Message again = declining.read();
    CHECK(again.payload == alone);
    CHECK(again.text == expected);
  }

  TEST_CASE("a client with a smaller window has messages of its own") {
    TestServer server({.deflate = DeflateOptions{}});
    DeflatingClient small = join(server, "permessage-deflate; server_max_window_bits=9");
    CHECK(small.socket().head().find("server_max_window_bits=9") != std::string::npos);
    DeflatingClient usual = join(server);
    server->emit("text", long_text);
    const DeflatingClient::Message message = small.read();
    CHECK(message.was_deflated);
    CHECK(message.text == R"(42["text",")" + long_text + R"("])");
    CHECK(usual.read().text == message.text);
  }

  TEST_CASE("begins at the threshold, and can be switched off for one event") {
    TestServer server({.deflate = DeflateOptions{.threshold = 100}});
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    DeflatingClient client = join(server);
    const std::size_t around = std::string_view(R"(42["e",""])").size();
    struct Case {
      std::size_t size;  // of the whole message
      bool compress;
      bool is_deflated;
    };
    for (const Case& one :
         std::vector<Case>{{99, true, false}, {100, true, true}, {100, false, false}, {5000, false, false}}) {
      CAPTURE(one.size);
      CAPTURE(one.compress);
      const std::string text(one.size - around, 'x');
      socket.compress(one.compress).emit("e", text);
      server->compress(one.compress).emit("e", text);
      for (const char* by : {"emit", "broadcast"}) {
        CAPTURE(by);
        const DeflatingClient::Message message = client.read();
        CHECK(message.text.size() == one.size);
        CHECK(message.was_deflated == one.is_deflated);
      }
    }
  }

  TEST_CASE("what clients compress is understood; what gets too big ends the connection") {
    std::string seen;
    TestServer server({.deflate = DeflateOptions{}, .max_payload = 10'000});
    server->on("text", [&](Socket, std::string text) { seen = text; });
    DeflatingClient client = join(server);
    client.send_text(R"(42["text",")" + long_text + R"("])");
    server.run_until([&] { return !seen.empty(); });
    CHECK(seen == long_text);
    client.send_text(R"(42["text",")" + std::string(20'000, 'x') + R"("])");
    CHECK(client.socket().read_close().close_code() == 1009);
  }

  TEST_CASE("attachments are compressed too") {
    TestServer server({.deflate = DeflateOptions{}});
    DeflatingClient client = join(server);
    server->emit("file", Bytes(std::string_view(long_text)));
    CHECK(client.read().text == R"(451-["file",{"_placeholder":true,"num":0}])");
    const DeflatingClient::Message attachment = client.read();
    CHECK(attachment.was_deflated);
    CHECK(attachment.text == long_text);
  }

  TEST_CASE("raw endpoints, plain JSON events and bare Engine.IO compress alike") {
    TestServer server({.deflate = DeflateOptions{}});
    WebSocketEndpoint echo;
    echo.on_message = [](WebSocket from, BytesView bytes, MessageKind kind) { from.send(bytes, kind); };
    server->websocket("/raw", std::move(echo));
    server->native_events("/native", "/");
    server->engine("/bare", {.on_message = [](EngineSocket from, BytesView bytes, MessageKind kind) {
                     from.send(bytes, kind);
                   }});
    DeflatingClient raw = open(server, "/raw");
    raw.send_text(long_text);
    DeflatingClient::Message message = raw.read();
    CHECK(message.was_deflated);
    CHECK(message.text == long_text);

    DeflatingClient native = open(server, "/native");
    CHECK(native.read().text.starts_with(R"({"name":"connect")"));
    server->emit("text", long_text);
    message = native.read();
    CHECK(message.was_deflated);
    CHECK(json::parse(message.text) == json{{"name", "text"}, {"data", {long_text}}});

    DeflatingClient bare = open(server, "/bare?EIO=4&transport=websocket");
    CHECK(bare.read().text.starts_with("0{"));
    bare.send_text("4" + long_text);
    message = bare.read();
    CHECK(message.was_deflated);
    CHECK(message.text == "4" + long_text);
  }

  TEST_CASE("a session that is upgraded compresses from then on") {
    TestServer server({.deflate = DeflateOptions{}});
    PollingClient polling = server.poll();
    polling.join();
    server->emit("text", long_text);  // waits for a poll, and moves over
    DeflatingClient client = open(server, polling.upgrade_target());
    CHECK(client.has_agreed());
    client.send_text("2probe");
    CHECK(client.read().text == "3probe");
    client.send_text("5");
    CHECK(client.read().text == R"(42["text",")" + long_text + R"("])");
    server->emit("text", long_text);
    CHECK(client.read().was_deflated);
  }
}

}  // namespace banter::test
