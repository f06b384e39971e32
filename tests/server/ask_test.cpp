// `co_await socket.ask<T>(…)`: each goes on exactly once.
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/coroutine_fixture.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;

// A client, the server's handle of it, and what its questions came to, in order.
struct Asking {
  explicit Asking(Options options = {}) : server(std::move(options)) {
    server->on("connection", [this](Socket joined) { socket = joined; });
    server->on("ask", [this](Socket asked, std::chrono::milliseconds::rep timeout) -> Task<> {
      if (timeout > 0) {
        note(co_await asked.timeout(std::chrono::milliseconds(timeout)).ask<std::string>("q", 1));
      } else {
        note(co_await asked.ask<std::string>("q", 1));
      }
    });
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  void note(const Answer<std::string>& answer) {
    heard.push_back(answer ? answer.value : "(" + answer.error.message() + ")");
    errors.push_back(answer.error);
  }
  void wait(std::size_t count) {
    server.run_until([&] { return heard.size() >= count; });
  }

  Socket socket;
  std::vector<std::string> heard;
  std::vector<std::error_code> errors;
  TestServer server;  // behind what its handlers use
};

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("gives the answer's first argument, once") {
    Asking asking;
    SocketioClient client = asking.server.join();
    client.emit(R"(["ask",0])");
    const std::string question = client.read();
    CHECK(question.ends_with(R"(["q",1])"));
    const std::string id = id_asked_with(question);
    client.send("3" + id + R"(["yes","ignored"])");
    client.send("3" + id + R"(["again"])");
    asking.wait(1);
    asking.server.settle();
    CHECK(asking.heard == std::vector<std::string>{"yes"});
  }

  TEST_CASE("gives timeout when the deadline passes, its own or Options::ack_timeout") {
    std::string event = R"(["ask",0])";
    Options options{.ack_timeout = 1ms};
    SUBCASE("its own") {
      event = R"(["ask",1])";
      options.ack_timeout = 1h;
    }
    SUBCASE("the option") {}
    Asking asking(std::move(options));
    SocketioClient client = asking.server.join();
    client.emit(event);
    asking.wait(1);
    CHECK(asking.errors[0] == AckError::timeout);
    client.send("3" + id_asked_with(client.read()) + R"(["late"])");
    expect_echo(asking.server, client, asking.socket);
    CHECK(asking.heard.size() == 1);
  }

  TEST_CASE("gives bad_reply and an empty value for an answer that does not fit") {
    Asking asking;
    SocketioClient client = asking.server.join();
    for (const char* answer : {"[1]", "[]", "[null]", "[{}]"}) {
      client.emit(R"(["ask",0])");
      client.send("3" + id_asked_with(client.read()) + answer);
    }
    asking.wait(4);
    for (const std::error_code error : asking.errors)
      CHECK(error == AckError::bad_reply);
  }

  TEST_CASE("gives disconnected when the socket goes, whoever ends it") {
    Asking asking;
    SocketioClient client = asking.server.join();
    client.emit(R"(["ask",0])");
    client.emit(R"(["ask",0])");
    client.read();
    client.read();
    SUBCASE("the client leaves the namespace") {
      client.send("1");
    }
    SUBCASE("the client is gone") {
      client.raw().close();
    }
    SUBCASE("the server disconnects it") {
      asking.socket.disconnect();
    }
    SUBCASE("the server closes") {
      asking.server->close();
    }
    asking.wait(2);
    CHECK(asking.errors[0] == AckError::disconnected);
    CHECK(asking.errors[1] == AckError::disconnected);
  }

  TEST_CASE("of a socket that is gone gives disconnected at once, however often") {
    int count = 0;
    TestServer server;
    server->on("disconnect", [&](Socket socket) -> Task<> {
      for (int i = 0; i < 100'000; ++i) {  // would use up the stack if each went on inside the one before
        const auto answer = co_await socket.ask<std::string>("q");
        if (answer.error == AckError::disconnected) ++count;
      }
      if ((co_await Socket().ask<int>("q")).error == AckError::disconnected) ++count;
    });
    SocketioClient client = server.join();
    client.send("1");
    server.run_until([&] { return count > 0; });
    CHECK(count == 100'001);
  }

  TEST_CASE("of an event that is dropped gives disconnected at once") {
    std::error_code error;
    TestServer server({.max_queue = 1'100'000});
    server->on("connection", [&](Socket socket) -> Task<> {
      error = (co_await socket.ask<int>("q", std::string(1'200'000, 'x'))).error;
    });
    SocketioClient client = server.open();
    client.send("0");
    server.run_until([&] { return static_cast<bool>(error); });
    CHECK(error == AckError::disconnected);
  }

  TEST_CASE("without a type gives only whether there was an answer") {
    std::optional<bool> is_answered;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      const json object{{"a", 1}};  // g++ 12 compiles no list in braces inside an expression with co_await
      is_answered = static_cast<bool>(co_await socket.ask("q", std::string("x"), object));
    });
    SocketioClient client = server.join();
    const std::string question = client.read();
    CHECK(question.ends_with(R"(["q","x",{"a":1}])"));
    client.send("3" + id_asked_with(question) + "[]");
    server.run_until([&] { return is_answered.has_value(); });
    CHECK(*is_answered);
  }

  TEST_CASE("may be given a name, with whatever it takes made in place, and awaited then") {
    std::string heard;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      auto question = socket.ask<std::string>("q", json{{"text", std::string(50, 'x')}}, std::vector<int>{1});
      heard = (co_await question).value;
    });
    SocketioClient client = server.join();
    const std::string packet = client.read();
    CHECK(packet.ends_with(R"(["q",{"text":")" + std::string(50, 'x') + R"("},[1]])"));
    client.send("3" + id_asked_with(packet) + R"(["yes"])");
    server.run_until([&] { return !heard.empty(); });
    CHECK(heard == "yes");
  }

  TEST_CASE("emits when it is awaited; one that never is sends nothing") {
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      static_cast<void>(socket.ask<int>("never"));
      auto question = socket.ask<int>("q");
      socket.emit("before");
      co_await question;
    });
    SocketioClient client = server.join();
    CHECK(client.read() == R"(2["before"])");
    CHECK(client.read().ends_with(R"(["q"])"));
  }

  TEST_CASE("may carry lists and binary, and ask for them") {
    std::string heard;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      const std::vector<int> list{1, 2};  // named for the same reason
      const auto answer = co_await socket.ask<std::vector<int>>("q", list, Bytes(std::string_view("raw")));
      for (const int value : answer.value)
        heard += std::to_string(value);
    });
    SocketioClient client = server.join();
    const std::string question = client.read();
    CHECK(question.starts_with("51-"));
    CHECK(client.read() == "raw");
    client.send("3" + question.substr(3, question.find('[') - 3) + "[[3,4]]");
    server.run_until([&] { return !heard.empty(); });
    CHECK(heard == "34");
  }

  TEST_CASE("from another thread comes back on the socket's Worker") {
    std::thread::id resumed_on;
    Answer<int> answer;
    TestServer server;
    server->on("ask", [&](Socket socket) -> Task<> {
      co_await suspend(
          [](Resume resume) { std::thread([resume = std::move(resume)]() mutable { resume(); }).join(); });
      answer = co_await socket.ask<int>("q");
      resumed_on = std::this_thread::get_id();
      co_await sleep(1ms);  // it knows where it is
    });
    SocketioClient client = server.join();
    client.emit(R"(["ask"])");
    client.send("3" + id_asked_with(client.read()) + "[5]");
    server.run_until([&] { return resumed_on != std::thread::id(); });
    CHECK(resumed_on == std::this_thread::get_id());
    CHECK(answer.value == 5);
  }

  TEST_CASE("from another thread, of a socket that has gone by then, gives disconnected on the Worker") {
    std::thread::id resumed_on;
    Answer<int> answer;
    TestServer server;
    server->on("disconnect", [&](Socket socket) -> Task<> {
      co_await suspend(
          [](Resume resume) { std::thread([resume = std::move(resume)]() mutable { resume(); }).join(); });
      answer = co_await socket.ask<int>("q");
      resumed_on = std::this_thread::get_id();
    });
    SocketioClient client = server.join();
    client.send("1");
    server.run_until([&] { return resumed_on != std::thread::id(); });
    CHECK(resumed_on == std::this_thread::get_id());
    CHECK(answer.error == AckError::disconnected);
  }

  TEST_CASE("in a middleware asks ahead of CONNECT; a refused client leaves it disconnected") {
    std::error_code error;
    TestServer server;
    server->use([&](Socket socket, Next next) -> Task<> {
      next.refuse("denied");
      error = (co_await socket.ask<int>("q")).error;
    });
    SocketioClient client = server.open();
    client.send("0");
    server.run_until([&] { return static_cast<bool>(error); });
    CHECK(error == AckError::disconnected);
  }

  TEST_CASE("a name the library keeps to itself is a mistake, thrown where it is asked") {
    TestServer server;
    server->on("ask", [&](Socket socket) -> Task<> { co_await socket.ask<int>("disconnect"); });
    SocketioClient client = server.join();
    client.emit(R"(["ask"])");
    server.run_until([&] { return !server.problems.empty(); });
    CHECK(server.problems[0].event == "ask");
  }

  TEST_CASE("of many gives what they answered, beside an error if somebody is missing") {
    std::optional<Answer<Answers<int>>> heard;
    TestServer server;
    server->on("count", [&](Socket, std::chrono::milliseconds::rep timeout) -> Task<> {
      heard = co_await server->of("/")
                  .timeout(std::chrono::milliseconds(timeout))
                  .ask<int>("how many?", "apples");
    });
    SocketioClient first = server.join();
    SocketioClient second = server.join();
    const auto ask = [&](const char* event) {
      first.emit(event);
      const std::string question = first.read();
      CHECK(question.ends_with(R"(["how many?","apples"])"));
      CHECK(second.read() == question);
      first.send("3" + id_asked_with(question) + "[1]");
      return id_asked_with(question);
    };
    const auto wait = [&] { server.run_until([&] { return heard.has_value(); }); };
    SUBCASE("all have answered") {
      second.send("3" + ask(R"(["count",60000])") + "[2]");
      wait();
      CHECK_FALSE(heard->error);
      CHECK(heard->value.values.size() == 2);
    }
    SUBCASE("one is silent") {
      ask(R"(["count",200])");
      wait();
      CHECK(heard->error == AckError::timeout);
      CHECK(heard->value.values == std::vector{1});
      CHECK(heard->value.missing.size() == 1);
    }
    SUBCASE("the server closes") {
      ask(R"(["count",60000])");
      server->close();
      wait();
      CHECK(heard->error == AckError::disconnected);
      CHECK(heard->value.values.size() + heard->value.missing.size() == 2);
    }
  }

  TEST_CASE("of nobody gives no answers, and no error") {
    std::optional<Answer<Answers<int>>> heard;
    TestServer server;
    server->on("count", [&](Socket) -> Task<> { heard = co_await server->to("nowhere").ask<int>("q"); });
    SocketioClient client = server.join();
    client.emit(R"(["count"])");
    server.run_until([&] { return heard.has_value(); });
    CHECK_FALSE(heard->error);
    CHECK(heard->value.expected == 0);
  }
}

}  // namespace banter::test
