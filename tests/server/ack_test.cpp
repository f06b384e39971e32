#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/test_server.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// A client, the server's handle of it, and what full callbacks have heard.
struct Asking {
  explicit Asking(Options options = {}) : server(std::move(options)) {
    server->on("connection", [this](Socket joined) { socket = joined; });
  }

  // Exactly one entry for each call.
  auto callback() {
    return [this](std::error_code error, std::string answer) {
      heard.push_back(error ? "(" + error.message() + ")" : answer);
      errors.push_back(error);
    };
  }
  void wait(std::size_t count) {
    server.run_until([&] { return heard.size() >= count; });
  }

  Socket socket;
  std::vector<std::string> heard;
  std::vector<std::error_code> errors;
  TestServer server;  // behind what its handlers use
};

// The id of an EVENT that asks for an answer: `2<id>["…`.
std::string id_of(const std::string& packet) {
  REQUIRE(packet.starts_with('2'));
  return packet.substr(1, packet.find('[') - 1);
}

// Tells how often it was called and that it is gone.
struct Watched {
  std::shared_ptr<int> calls = std::make_shared<int>(0);
  std::weak_ptr<int> alive = calls;
};

}  // namespace

TEST_SUITE("acknowledgements asked for") {
  TEST_CASE("a callback with an error_code hears the answer, once") {
    Asking asking;
    SocketioClient client = asking.server.join();
    CHECK(asking.socket.emit("ask", 1, asking.callback()) == SendResult::sent);
    const std::string id = id_of(client.read());
    client.send("3" + id + R"(["yes"])");
    client.send("3" + id + R"(["again"])");
    asking.wait(1);
    asking.server.settle();
    CHECK(asking.heard == std::vector<std::string>{"yes"});
  }

  TEST_CASE("a callback with an error_code hears timeout, and a late answer does nothing") {
    Asking asking;
    SocketioClient client = asking.server.join();
    asking.socket.timeout(1ms).emit("ask", asking.callback());
    asking.wait(1);
    CHECK(asking.errors[0] == AckError::timeout);
    client.send("3" + id_of(client.read()) + R"(["late"])");
    client.emit(R"(["x"])");
    asking.server.settle();
    CHECK(asking.heard.size() == 1);
  }

  TEST_CASE("Options::ack_timeout is the deadline of those that name none") {
    Asking asking({.ack_timeout = 1ms});
    SocketioClient client = asking.server.join();
    asking.socket.emit("ask", asking.callback());
    asking.wait(1);
    CHECK(asking.errors[0] == AckError::timeout);
  }

  TEST_CASE("a callback with an error_code hears bad_reply for an answer that does not fit") {
    Asking asking;
    SocketioClient client = asking.server.join();
    for (const char* answer : {"[1]", "[]", "[null]", "[{}]"}) {
      asking.socket.emit("ask", asking.callback());
      client.send("3" + id_of(client.read()) + answer);
    }
    asking.wait(4);
    for (const std::error_code error : asking.errors)
      CHECK(error == AckError::bad_reply);
  }

  TEST_CASE("all that are open hear disconnected when the socket goes, whoever ends it") {
    Asking asking;
    SocketioClient client = asking.server.join();
    asking.socket.emit("ask", asking.callback());
    asking.socket.emit("ask", asking.callback());
    SUBCASE("the client closes") {
      client.send("1");
    }
    SUBCASE("the client leaves the namespace") {
      client.send("1");
    }
    SUBCASE("the server disconnects") {
      asking.socket.disconnect();
    }
    SUBCASE("the server closes") {
      asking.server->close();
    }
    asking.wait(2);
    CHECK(asking.errors[0] == AckError::disconnected);
    CHECK(asking.errors[1] == AckError::disconnected);
  }

  TEST_CASE("a callback without error_code is called for an answer only; on_error hears the rest") {
    Asking asking;
    SocketioClient client = asking.server.join();
    std::vector<int> answers;
    asking.socket.emit("ask", [&](int answer) { answers.push_back(answer); });
    client.send("3" + id_of(client.read()) + "[5]");
    asking.socket.emit("ask", [&](int answer) { answers.push_back(answer); });
    client.send("3" + id_of(client.read()) + R"(["five"])");
    asking.socket.timeout(1ms).emit("ask", [&](int answer) { answers.push_back(answer); });
    asking.server.run_until([&] { return asking.server.problems.size() == 2; });
    CHECK(answers == std::vector<int>{5});
    for (const Heard& heard : asking.server.problems)
      CHECK(heard.where == Problem::Where::ack);
    CHECK(asking.server.problems[0].text == make_error_code(AckError::bad_reply).message());
    CHECK(asking.server.problems[1].text == make_error_code(AckError::timeout).message());
  }

  TEST_CASE("what a callback throws is reported, and it is not called again") {
    Asking asking;
    SocketioClient client = asking.server.join();
    int calls = 0;
    asking.socket.emit("ask", [&](std::error_code) {
      ++calls;
      throw std::runtime_error("in the callback");
    });
    client.send("3" + id_of(client.read()) + "[]");
    asking.server.run_until([&] { return !asking.server.problems.empty(); });
    client.send("1");
    asking.server.run_until([&] { return !asking.socket.connected(); });
    CHECK(calls == 1);
    CHECK(asking.server.problems[0].text == "in the callback");
  }

  TEST_CASE("an emit that answers closed has destroyed the callback uncalled") {
    Asking asking;
    SocketioClient client = asking.server.join();
    client.send("1");
    asking.server.run_until([&] { return !asking.socket.connected(); });
    Watched watched;
    CHECK(asking.socket.emit("ask", [calls = watched.calls](std::error_code) { ++*calls; }) ==
          SendResult::closed);
    CHECK(watched.calls.use_count() == 1);
    CHECK(*watched.calls == 0);
  }

  TEST_CASE("a posted emit's callback hears disconnected if the socket has gone by then") {
    Asking asking;
    SocketioClient client = asking.server.join();
    client.send("1");
    asking.server.run_until([&] { return !asking.socket.connected(); });
    std::thread([&] {
      CHECK(asking.socket.emit("ask", asking.callback()) == SendResult::posted);
      asking.socket.emit("ask", [](int) { FAIL("called"); });
    }).join();
    asking.wait(1);
    CHECK(asking.errors[0] == AckError::disconnected);
    asking.server.run_until([&] { return !asking.server.problems.empty(); });
    CHECK(asking.server.problems[0].where == Problem::Where::ack);
  }

  TEST_CASE("a callback still in the mailbox hears disconnected when the server closes first") {
    Asking asking;
    SocketioClient client = asking.server.join();
    std::thread([&] {
      asking.server->close();
      CHECK(asking.socket.emit("ask", asking.callback()) == SendResult::posted);
    }).join();
    asking.wait(1);
    CHECK(asking.errors[0] == AckError::disconnected);
  }
}

TEST_SUITE("acknowledgements given") {
  TEST_CASE("an Ack may be kept and answered later, from another thread, once") {
    TestServer server;
    std::optional<Ack<std::string>> kept;
    server->on("ask", [&](Socket, Ack<std::string> ack) { kept = ack; });
    SocketioClient client = server.join();
    client.send(R"(27["ask"])");
    server.run_until([&] { return kept.has_value(); });
    CHECK(kept->wanted());
    std::thread([&] { (*kept)("later"); }).join();
    CHECK_FALSE(kept->wanted());
    (*kept)("twice");
    CHECK(client.read() == R"(37["later"])");
    server->emit("next");
    CHECK(client.read() == R"(2["next"])");
  }

  TEST_CASE("an Ack that nobody asked for, or whose client has gone, does nothing") {
    TestServer server;
    std::vector<Ack<int>> kept;
    server->on("ask", [&](Socket, Ack<int> ack) { kept.push_back(ack); });
    SocketioClient client = server.join();
    client.emit(R"(["ask"])");
    client.send(R"(21["ask"])");
    client.send("1");
    bool has_left = false;
    server.run_until([&] {
      server->count([&](std::size_t count) { has_left = count == 0; });
      return has_left;
    });
    REQUIRE(kept.size() == 2);
    CHECK_FALSE(kept[0].wanted());
    CHECK(kept[1].wanted());
    for (const Ack<int>& ack : kept)
      ack(1);
    std::thread([ack = kept[1]] { ack(2); }).join();
    Ack<>()();
    server.settle();
  }
}

}  // namespace banter::test
