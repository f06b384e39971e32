#include "loop/listener.h"

#include <doctest/doctest.h>
#include <netinet/tcp.h>

#include <string>
#include <system_error>

#include "support.h"

using namespace banter::loop;
using namespace banter::loop::test;

namespace {

struct Nobody final : AcceptHandler {
  void on_accept(StreamPtr) override {}
};

int option_of(uv_tcp_t* tcp, int level, int name) {
  uv_os_fd_t fd = -1;
  REQUIRE(uv_fileno(reinterpret_cast<uv_handle_t*>(tcp), &fd) == 0);
  int value = -1;
  socklen_t length = sizeof value;
  REQUIRE(getsockopt(fd, level, name, &value, &length) == 0);
  return value;
}

}  // namespace

TEST_SUITE("listener") {
  TEST_CASE("port 0 picks a free port and says which") {
    Harness harness;
    CHECK(harness.listener->bound().host == "127.0.0.1");
    CHECK(harness.port() != 0);
    Peer peer(harness.port());
    harness.run_until([&] { return harness.accepted.size() == 1; });
  }

  TEST_CASE("a port that is taken, and a host that is none, throw an error that names host and port") {
    Harness harness;
    Nobody nobody;
    const auto message_of = [&](std::string_view host, std::uint16_t port) -> std::string {
      try {
        const Listener second(harness.loop, nobody, harness.settings, host, port);
      } catch (const std::system_error& error) {
        return error.what();
      }
      return "no error";
    };
    const std::string taken = message_of("127.0.0.1", harness.port());
    CAPTURE(taken);
    CHECK(taken.find("127.0.0.1:" + std::to_string(harness.port())) != std::string::npos);
    CHECK(taken.find("address already in use") != std::string::npos);
    const std::string unknown = message_of("no.such.host.invalid", 80);
    CAPTURE(unknown);
    CHECK(unknown.find("no.such.host.invalid:80") != std::string::npos);
  }

  TEST_CASE("'::' takes IPv4 as well, and shows such a peer as IPv4") {
    Harness harness;
    harness.listener.emplace(harness.loop, harness, harness.settings, "::", std::uint16_t{0});
    Peer peer(harness.port());
    const auto recorder = harness.accept();
    CHECK(recorder->stream->peer().host == "127.0.0.1");
  }

  TEST_CASE("accepted sockets send small packets at once and find peers that vanished") {
    Harness harness;
    Peer peer(harness.port());
    harness.run_until([&] { return harness.accepted.size() == 1; });
    int found = 0;
    uv_walk(
        harness.loop.uv(),
        [](uv_handle_t* handle, void* count) {
          if (handle->type != UV_TCP) return;
          auto* tcp = reinterpret_cast<uv_tcp_t*>(handle);
          CHECK(option_of(tcp, IPPROTO_TCP, TCP_NODELAY) == 1);
          CHECK(option_of(tcp, SOL_SOCKET, SO_KEEPALIVE) == 1);
          ++*static_cast<int*>(count);
        },
        &found);
    CHECK(found == 2);
  }

  TEST_CASE("lets connections wait while it is held, and accepts all of them afterwards") {
    Harness harness;
    harness.listener->hold();
    Peer first(harness.port());
    Peer second(harness.port());
    harness.run_turns(5);
    CHECK(harness.accepted.empty());
    harness.listener->resume();
    harness.run_until([&] { return harness.accepted.size() == 2; });
    harness.listener->hold();
    harness.listener->resume();
    Peer third(harness.port());
    harness.run_until([&] { return harness.accepted.size() == 3; });
  }

  TEST_CASE("may go while connections wait") {
    Harness harness;
    harness.listener->hold();
    Peer peer(harness.port());
    harness.run_turns(5);
    harness.listener.reset();
    harness.run_turns(5);
    CHECK(harness.accepted.empty());
  }

  TEST_CASE("may be destroyed in on_accept") {
    struct Once final : AcceptHandler {
      explicit Once(Harness& of) : harness(of) {}
      void on_accept(StreamPtr) override {
        ++count;
        harness.listener.reset();
      }
      Harness& harness;
      int count = 0;
    };
    Harness harness;
    Once once(harness);
    harness.listener.emplace(harness.loop, once, harness.settings, "127.0.0.1", std::uint16_t{0});
    Peer first(harness.port());
    Peer second(harness.port());
    harness.run_until([&] { return once.count > 0; });
    harness.run_turns(3);
    CHECK(once.count == 1);
  }

  TEST_CASE("may go together with a loop that has never turned, on a foreign uv loop too") {
    uv_loop_t foreign;
    REQUIRE(uv_loop_init(&foreign) == 0);
    for (uv_loop_t* uv : {static_cast<uv_loop_t*>(nullptr), &foreign}) {
      const Settings settings;
      Nobody nobody;
      Loop loop(uv);
      const Listener listener(loop, nobody, settings, "127.0.0.1", 0);
      CHECK(listener.bound().port != 0);
    }
    uv_run(&foreign, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&foreign) == 0);
  }
}
