#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// What a callback has heard.
template <class T>
struct Outcome {
  int calls = 0;
  std::error_code error;
  Answers<T> answers;

  auto callback() {
    return [this](std::error_code with, Answers<T> all) {
      ++calls;
      error = with;
      answers = std::move(all);
    };
  }
};

// The id of an EVENT that asks for an answer: `2<id>["…`.
std::string id_of(const std::string& packet) {
  REQUIRE(packet.starts_with('2'));
  return packet.substr(1, packet.find('[') - 1);
}

void answer(SocketioClient& client, const std::string& data) {
  client.send("3" + id_of(client.read()) + data);
}

}  // namespace

TEST_SUITE("acknowledgements of a broadcast") {
  TEST_CASE("the callback hears the first value of every answer, and whose it is") {
    Outcome<std::string> outcome;
    TestServer server;
    SocketioClient a = server.join();
    SocketioClient b = server.join();
    server->emit("ask", 1, outcome.callback());
    answer(b, R"(["b","ignored"])");
    answer(a, R"(["a"])");
    server.run_until([&] { return outcome.calls == 1; });
    CHECK_FALSE(outcome.error);
    CHECK(outcome.answers.expected == 2);
    CHECK(outcome.answers.missing.empty());
    REQUIRE(outcome.answers.values.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      const bool is_a = outcome.answers.values[i] == "a";
      CHECK(outcome.answers.from[i] == (is_a ? a.id() : b.id()));
    }
  }

  TEST_CASE("binary values arrive in answers, and null for an answer without values") {
    Outcome<json> outcome;
    TestServer server;
    SocketioClient a = server.join();
    server->emit("ask", Bytes(std::string_view("\x01")), outcome.callback());
    const std::string packet = a.read();
    CHECK(packet == R"(51-0["ask",{"_placeholder":true,"num":0}])");
    CHECK(a.read() == "\x01");
    a.send(R"(61-0[{"_placeholder":true,"num":0}])");
    a.socket().send_binary("\x02\x03");
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(outcome.answers.values.at(0) == json::binary({2, 3}));
    server->emit("ask", outcome.callback());
    answer(a, "[]");
    server.run_until([&] { return outcome.calls == 2; });
    CHECK_FALSE(outcome.error);
    CHECK(outcome.answers.values.at(0).is_null());
  }

  TEST_CASE("an answer that does not fit counts as missing, with bad_reply") {
    Outcome<int> outcome;
    TestServer server;
    SocketioClient a = server.join();
    SocketioClient b = server.join();
    server->emit("ask", outcome.callback());
    answer(a, R"(["one"])");
    answer(b, "[2]");
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(outcome.error == AckError::bad_reply);
    CHECK(outcome.answers.values == std::vector{2});
    CHECK(outcome.answers.from == std::vector{b.id()});
    CHECK(outcome.answers.missing == std::vector{a.id()});
  }

  TEST_CASE("timeout() is the deadline of this broadcast") {
    Outcome<int> outcome;
    TestServer server({.ack_timeout = 1h});
    SocketioClient a = server.join();
    SocketioClient b = server.join();
    server->timeout(1ms).emit("ask", outcome.callback());
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(outcome.error == AckError::timeout);
    CHECK(outcome.answers.expected == 2);
    CHECK(outcome.answers.missing.size() == 2);
  }

  TEST_CASE("Options::ack_timeout is the deadline of a broadcast that names none") {
    Outcome<int> outcome;
    TestServer server({.ack_timeout = 1ms});
    SocketioClient a = server.join();
    server->emit("ask", outcome.callback());
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(outcome.error == AckError::timeout);
    CHECK(outcome.answers.missing == std::vector{a.id()});
  }

  TEST_CASE("nobody selected: the callback runs at once, but not inside the call") {
    Outcome<int> outcome;
    TestServer server;
    int calls_inside = -1;
    server->on("connection", [&](Socket socket) {
      socket.broadcast().emit("ask", outcome.callback());
      calls_inside = outcome.calls;
    });
    SocketioClient a = server.join();
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(calls_inside == 0);
    CHECK_FALSE(outcome.error);
    CHECK(outcome.answers.expected == 0);
  }

  TEST_CASE("who leaves is missing at once, whoever ends it") {
    Outcome<int> outcome;
    TestServer server;
    Socket socket;
    server->on("connection", [&](Socket joined) { socket = joined; });
    SocketioClient a = server.join();
    server->emit("ask", outcome.callback());
    SUBCASE("the client leaves the namespace") {
      a.send("1");
    }
    SUBCASE("the server disconnects it") {
      socket.disconnect(Disconnect::connection);
    }
    SUBCASE("the server closes") {
      server->close();
    }
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(outcome.error == AckError::disconnected);
    CHECK(outcome.answers.missing == std::vector{a.id()});
  }

  TEST_CASE("what the callback throws is reported; it is not called again") {
    TestServer server;
    SocketioClient a = server.join();
    int calls = 0;
    server->emit("ask", [&](std::error_code, Answers<int>) {
      ++calls;
      throw std::runtime_error("in the callback");
    });
    answer(a, "[1]");
    server.run_until([&] { return !server.problems.empty(); });
    CHECK(server.problems[0].where == Problem::Where::ack);
    CHECK(server.problems[0].text == "in the callback");
    CHECK(calls == 1);
  }

  TEST_CASE("a callback still in the mailbox hears disconnected when the server closes first") {
    Outcome<int> outcome;
    TestServer server;
    SocketioClient a = server.join();
    std::thread([&] {
      server->close();
      server->emit("ask", outcome.callback());
    }).join();
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(outcome.error == AckError::disconnected);
  }

  TEST_CASE("after the server is gone the callback is destroyed uncalled") {
    TestServer server;
    SocketioClient a = server.join();
    Namespace everyone = server->of("/");
    server.close();
    const auto alive = std::make_shared<int>(0);
    everyone.emit("ask", [alive](std::error_code, Answers<int>) { ++*alive; });
    everyone.count([alive](std::size_t) { ++*alive; });
    CHECK(alive.use_count() == 1);
    CHECK(*alive == 0);
  }

  TEST_CASE("a foreign thread asks, and hears on the server's thread") {
    Outcome<int> outcome;
    TestServer server;
    SocketioClient a = server.join();
    std::thread::id heard_on;
    std::thread([&] {
      server->emit("ask", [&, callback = outcome.callback()](std::error_code error, Answers<int> all) {
        heard_on = std::this_thread::get_id();
        callback(error, std::move(all));
      });
    }).join();
    answer(a, "[4]");
    server.run_until([&] { return outcome.calls == 1; });
    CHECK(heard_on == std::this_thread::get_id());
    CHECK(outcome.answers.values == std::vector{4});
  }
}

}  // namespace banter::test
