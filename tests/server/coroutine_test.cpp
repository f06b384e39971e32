// Handlers and middlewares that are coroutines, and what they await besides answers.
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/coroutine_fixture.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;
using Log = std::vector<std::string>;

Task<> add_later(Backlog* backlog, int a, int b, Ack<int> sum) {
  co_await backlog->wait();
  sum(a + b);
}

// A coroutine of somebody else's, which the server knows nothing of.
struct Foreign {
  struct promise_type {
    [[nodiscard]] Foreign get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const { throw; }
  };
};

}  // namespace

TEST_SUITE("coroutine handler") {
  TEST_CASE("runs at once, up to its first suspension, and answers when it goes on") {
    Backlog backlog;
    TestServer server;
    server->on("add", [&backlog](Socket, int a, int b, Ack<int> sum) -> Task<> {
      co_await add_later(&backlog, a, b, sum);
    });
    SocketioClient client = server.join();
    client.send(R"(21["add",2,3])");
    client.send(R"(22["add",20,30])");  // comes while the first one waits
    server.run_until([&] { return backlog.size() == 2; });
    backlog.finish_all();
    CHECK(client.read() == "31[5]");
    CHECK(client.read() == "32[50]");
  }

  TEST_CASE("may be one socket's own, or a plain function") {
    Backlog backlog;
    TestServer server;
    server->on("connection", [&backlog](Socket socket) {
      socket.on("own", [&backlog](std::string word, Ack<std::string> ack) -> Task<> {
        co_await backlog.wait();
        ack(word);
      });
    });
    SocketioClient client = server.join();
    client.send(R"(27["own","word"])");
    server.run_until([&] { return backlog.size() == 1; });
    backlog.finish_all();
    CHECK(client.read() == R"(37["word"])");
  }

  TEST_CASE("is not called with arguments that do not fit, as any other") {
    TestServer server;
    server->on("add", [](Socket, int) -> Task<> {
      FAIL("called");
      co_return;
    });
    SocketioClient client = server.join();
    client.emit(R"(["add","two"])");
    server.run_until([&] { return !server.problems.empty(); });
    CHECK(server.problems[0].event == "add");
    CHECK(server.problems[0].position == 0);
  }

  TEST_CASE("what it throws goes to on_error, before and after it was suspended") {
    Backlog backlog;
    TestServer server;
    server->of("/chat").on("fail", [&backlog](Socket, bool later) -> Task<> {
      if (later) co_await backlog.wait();
      throw std::runtime_error(later ? "later" : "at once");
    });
    SocketioClient client = server.join("/chat");
    client.send(R"(2/chat,["fail",true])");
    client.send(R"(2/chat,["fail",false])");
    server.run_until([&] { return server.problems.size() == 1; });
    backlog.finish_all();
    REQUIRE(server.problems.size() == 2);
    CHECK(server.problems[0].text == "at once");
    CHECK(server.problems[1].text == "later");
    for (const Heard& heard : server.problems) {
      CHECK(heard.where == Problem::Where::event);
      CHECK(heard.nsp == "/chat");
      CHECK(heard.event == "fail");
    }
  }

  TEST_CASE("that goes on after its socket has left ends like any other") {
    Backlog backlog;
    int live = 0;
    bool was_connected = true;
    TestServer server;
    server->on("run", [&](Socket socket) -> Task<> {
      const Live here(live);
      co_await backlog.wait();
      was_connected = socket.connected();
    });
    SocketioClient client = server.join();
    client.emit(R"(["run"])");
    client.send("1");
    server.settle();
    server.run_until([&] { return backlog.size() == 1; });
    server.settle();
    backlog.finish_all();
    CHECK_FALSE(was_connected);
    CHECK(live == 0);
  }

  TEST_CASE("keeps its function object alive while it is suspended, whatever `off` does") {
    Backlog backlog;
    int live = 0;
    std::string heard;
    TestServer server;
    server->on("connection", [&](Socket socket) {
      const std::string who(100, 'w');
      socket.on("run", [&backlog, &heard, who, mine = Live(live)](std::string what) -> Task<> {
        co_await backlog.wait();
        heard = who + what;
      });
      socket.on("off", [socket] { socket.off("run"); });
    });
    SocketioClient client = server.join();
    client.emit(R"(["run","?"])");
    client.emit(R"(["off"])");
    server.run_until([&] { return backlog.size() == 1; });
    server.settle();
    client.emit(R"(["run","not heard"])");
    server.settle();
    CHECK(live == 1);
    backlog.finish_all();
    CHECK(heard == std::string(100, 'w') + "?");
    CHECK(live == 0);
  }

  TEST_CASE("a connection handler counts as returned at its first suspension") {
    Backlog backlog;
    Log log;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      socket.emit("first");
      co_await backlog.wait();
      socket.emit("later");
    });
    server->on("connection", [&](Socket socket) { socket.emit("second"); });
    SocketioClient client = server.join();
    CHECK(client.read() == R"(2["first"])");
    CHECK(client.read() == R"(2["second"])");
    backlog.finish_all();
    CHECK(client.read() == R"(2["later"])");
  }

  TEST_CASE("a connection handler that throws, before or after it was suspended, ends its socket") {
    Backlog backlog;
    bool is_later = false;
    SUBCASE("before") {}
    SUBCASE("after") {
      is_later = true;
    }
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> {
      if (is_later) co_await backlog.wait();
      throw std::runtime_error("half set up");
    });
    SocketioClient client = server.join();
    backlog.finish_all();
    CHECK(client.read() == "1");
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].where == Problem::Where::connection);
    CHECK(server.problems[0].event == "connection");
    CHECK(server.problems[0].text == "half set up");
  }

  TEST_CASE("of `disconnect` is given the reason, to keep") {
    Backlog backlog;
    std::string heard;
    TestServer server;
    server->on("disconnect", [&](Socket, DisconnectReason reason) -> Task<> {
      co_await backlog.wait();
      heard = reason.text();
    });
    SocketioClient client = server.join();
    client.send("1");
    server.run_until([&] { return backlog.size() == 1; });
    backlog.finish_all();
    CHECK(heard == "client namespace disconnect");
  }
}

TEST_SUITE("coroutine middleware") {
  TEST_CASE("decides now or later, and refuses if it ends undecided, however that comes") {
    struct Case {
      std::string what;
      std::string answer;
    };
    const std::vector<Case> cases{
        {"accept", R"(0{"sid":)"},
        {"refuse", R"(4{"message":"denied"})"},
        {"forget", R"(4{"message":"internal error"})"},
        {"throw", R"(4{"message":"internal error"})"},
        {"drop", R"(4{"message":"internal error"})"},
    };
    for (const Case& each : cases) {
      for (const bool is_later : {false, true}) {
        CAPTURE(is_later);
        CAPTURE(each.what);
        Backlog backlog;
        TestServer server;
        server->use([&, what = each.what](Socket, Next next) -> Task<> {
          if (is_later) co_await backlog.wait();
          if (what == "accept") next();
          if (what == "refuse") next.refuse("denied");
          if (what == "throw") throw std::runtime_error("in the middleware");
          if (what == "drop") co_await suspend([](Resume) {});
        });
        SocketioClient client = server.open();
        client.send("0");
        if (is_later) server.run_until([&] { return backlog.size() == 1; });
        backlog.finish_all();
        CHECK(client.read().starts_with(each.answer));
        CHECK(server.problems.size() == (each.what == "throw" ? 1 : 0));
        for (const Heard& heard : server.problems)
          CHECK(heard.where == Problem::Where::middleware);
      }
    }
  }

  TEST_CASE("that goes on when its client has left does no harm") {
    Backlog backlog;
    bool is_there = true;
    TestServer server;
    server->of("/chat").use([&](Socket socket, Next next) -> Task<> {
      co_await backlog.wait();
      is_there = co_await on(socket);
      next();
    });
    SocketioClient client = server.open();
    client.send("0/chat,");
    server.run_until([&] { return backlog.size() == 1; });
    client.raw().close();
    server.settle();
    server.settle();
    backlog.finish_all();
    CHECK_FALSE(is_there);
  }
}

TEST_SUITE("sleep") {
  TEST_CASE("goes on after that time, the shorter first; 0 and less is the next turn") {
    Log log;
    TestServer server;
    // 0 and 1 ms may be the same turn of the loop, whose clock counts milliseconds.
    for (const std::chrono::milliseconds delay : {20ms, 5ms, 0ms, std::chrono::milliseconds(-1h)}) {
      server->on("connection", [&log, delay](Socket) -> Task<> {
        co_await sleep(delay);
        log.push_back(std::to_string(delay.count()));
      });
    }
    SocketioClient client = server.join();
    server.run_until([&] { return log.size() == 4; });
    CHECK(log == Log{"0", "-3600000", "5", "20"});
  }

  TEST_CASE("on a thread that is no Worker's throws std::logic_error, and the coroutine goes on") {
    std::string heard;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      co_await suspend(
          [](Resume resume) { std::thread([resume = std::move(resume)]() mutable { resume(); }).join(); });
      try {
        co_await sleep(1ms);
      } catch (const std::logic_error& error) {
        heard = error.what();
      }
      co_await on(socket);
      co_await sleep(1ms);
      heard += " Then it did.";
    });
    SocketioClient client = server.join();
    server.run_until([&] { return heard.ends_with("did."); });
    CHECK(heard == "banter: sleep: not on a Worker; `co_await banter::on(socket)` first Then it did.");
  }
}

TEST_SUITE("on(socket)") {
  TEST_CASE("on the socket's Worker goes on at once, and tells whether the socket is there") {
    Log log;
    Backlog backlog;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      log.push_back(co_await on(socket) ? "there" : "gone");
      socket.disconnect();
      log.push_back(co_await on(socket) ? "there" : "gone");
    });
    server->use([&](Socket socket, Next next) -> Task<> {
      log.push_back(co_await on(socket) ? "joining" : "gone");
      next();
    });
    SocketioClient client = server.join();
    CHECK(log == Log{"joining", "there", "gone"});
  }

  TEST_CASE("leads back from another thread") {
    std::vector<std::thread::id> threads;
    TestServer server;
    server->on("connection", [&](Socket socket) -> Task<> {
      co_await suspend(
          [](Resume resume) { std::thread([resume = std::move(resume)]() mutable { resume(); }).join(); });
      threads.push_back(std::this_thread::get_id());
      const bool is_there = co_await on(socket);
      CHECK(is_there);
      CHECK(socket.connected());
      threads.push_back(std::this_thread::get_id());
    });
    SocketioClient client = server.join();
    server.run_until([&] { return threads.size() == 2; });
    CHECK(threads[0] != threads[1]);
    CHECK(threads[1] == std::this_thread::get_id());
  }

  TEST_CASE("leads to the Worker of another server's socket, and sleep then sleeps there") {
    Socket other;
    bool has_slept = false;
    TestServer second;
    second->on("connection", [&](Socket socket) { other = socket; });
    SocketioClient guest = second.join();
    TestServer first;
    first->on("connection", [&](Socket) -> Task<> {
      const bool is_there = co_await on(other);
      CHECK(is_there);
      co_await sleep(1ms);
      has_slept = true;
    });
    SocketioClient client = first.join();
    for (int i = 0; i < 10; ++i)
      first.turn();
    CHECK_FALSE(has_slept);
    second.run_until([&] { return has_slept; });
  }

  TEST_CASE("a Socket that names nobody is a mistake") {
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> { co_await on(Socket()); });
    SocketioClient client = server.join();
    REQUIRE(server.problems.size() == 1);
    CHECK(server.problems[0].text == "banter: on: the Socket names nobody");
  }
}

TEST_SUITE("suspend") {
  TEST_CASE("may be resumed before it has returned") {
    Log log;
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> {
      for (int i = 0; i < 3; ++i) {
        co_await suspend([](Resume resume) { resume(); });
        log.push_back(std::to_string(i));
      }
    });
    SocketioClient client = server.join();
    CHECK(log == Log{"0", "1", "2"});
  }

  TEST_CASE("throws what the hand-over throws, and the coroutine goes on") {
    TestServer server;
    std::string heard;
    int live = 0;
    server->on("connection", [&](Socket) -> Task<> {
      const Live here(live);
      try {
        co_await suspend([](Resume) { throw std::runtime_error("the pool is full"); });
      } catch (const std::runtime_error& error) {
        heard = error.what();
      }
    });
    SocketioClient client = server.join();
    CHECK(heard == "the pool is full");
    CHECK(live == 0);
  }

  TEST_CASE("a Resume that is dropped destroys the coroutine, all of it, and what it has captured") {
    Backlog backlog;
    int live = 0;
    bool is_now = false;
    SUBCASE("at once") {
      is_now = true;
    }
    SUBCASE("later") {}
    TestServer server;
    server->on("connection", [&](Socket socket) {
      socket.on("run", [&, captured = Live(live)]() -> Task<> {
        const Live outer(live);
        const auto helper = [](Backlog& work, bool now, Live) -> Task<> {
          if (now) co_await suspend([](Resume) {});
          co_await work.wait();
          FAIL("went on");
        };
        co_await helper(backlog, is_now, Live(live));
        FAIL("went on");
      });
      socket.on("off", [socket] { socket.off("run"); });
    });
    SocketioClient client = server.join();
    client.emit(R"(["run"])");
    client.emit(R"(["off"])");
    if (!is_now) {
      server.run_until([&] { return backlog.size() == 1; });
      server.settle();
      CHECK(live >= 3);
      backlog.drop_all();
    }
    server.run_until([&] { return live == 0; });
  }

  TEST_CASE("a Resume called twice, or moved away, resumes once") {
    std::vector<Resume> kept;
    int count = 0;
    TestServer server;
    server->on("connection", [&](Socket) -> Task<> {
      co_await suspend([&](Resume resume) { kept.push_back(std::move(resume)); });
      ++count;
    });
    SocketioClient client = server.join();
    Resume moved = std::move(kept[0]);
    kept[0]();
    CHECK(count == 0);
    moved();
    moved();
    CHECK(count == 1);
  }

  TEST_CASE("in a coroutine that the server has not started throws std::logic_error") {
    std::string heard;
    [](std::string& out) -> Foreign {
      try {
        co_await sleep(1ms);
      } catch (const std::logic_error& error) {
        out = error.what();
      }
    }(heard);
    CHECK(heard == "banter: this co_await is for coroutines that the server has started");
  }
}

}  // namespace banter::test
