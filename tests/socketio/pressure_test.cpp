// Clients that do not keep up, as the Socket.IO layer sees them.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/budget.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using Fixture = test::HubFixture;
using Log = Fixture::Log;
using Call = Fixture::Call;
using test::FakeLink;

// Notes each drain of a socket of the namespace.
void log_drains(Fixture& fixture, std::string_view nsp) {
  fixture.registry.get(nsp).handlers.drain.emplace_back(
      [&fixture, name = std::string(nsp)](const detail::SocketRef&) {
        fixture.log.push_back("drain " + name);
      });
}

}  // namespace

TEST_SUITE("socketio back-pressure") {
  TEST_CASE_FIXTURE(Fixture,
                    "a drained link is told to every socket of its client: namespace first, then its own") {
    for (const std::string_view nsp : {"/", "/a", "/b"})
      log_drains(*this, nsp);
    FakeLink& link = join();
    link.text("0/a,");
    FakeLink& other = join("/b");
    only_socket("/a").on_drain([this] { log.emplace_back("own"); });
    only_socket("/a").on_drain([this] { log.emplace_back("own too"); });
    link.drain();
    CHECK(take_log() == Log{"drain /", "drain /a", "own", "own too"});
    link.text("1/a,");
    link.drain();
    CHECK(take_log() == Log{"drain /"});
    other.drain();
    CHECK(take_log() == Log{"drain /b"});
  }

  TEST_CASE_FIXTURE(Fixture, "a drain handler may add handlers, and leave") {
    log_drains(*this, "/a");
    FakeLink& link = join();
    link.text("0/a,");
    only_socket().on_drain([this] {
      log.emplace_back("own");
      only_socket().on_drain([this] { log.emplace_back("added"); });
      if (nsp("/a").size() > 0) only_socket("/a").disconnect();
    });
    link.drain();
    CHECK(take_log() == Log{"own"});  // and /a is gone
    link.drain();
    CHECK(take_log() == Log{"own", "added"});
  }

  TEST_CASE_FIXTURE(Fixture,
                    "a drain handler may end the connection: the handlers behind it run all the same") {
    FakeLink& link = join();
    only_socket().on_drain([this] { only_socket().client().disconnect(); });
    only_socket().on_drain([this] { log.emplace_back("behind"); });
    link.drain();
    turn();
    CHECK_FALSE(link.is_open());
    CHECK(take_log() == Log{"behind"});
  }

  TEST_CASE_FIXTURE(Fixture, "what a drain handler throws is reported") {
    registry.get("/").handlers.drain.emplace_back(
        [](const detail::SocketRef&) { throw std::runtime_error("oh"); });
    join().drain();
    CHECK(problems == Log{"1 drain oh"});
  }

  TEST_CASE_FIXTURE(Fixture, "a key is the socket's: other namespaces of its connection use others") {
    registry.get("/a");
    FakeLink& link = join();
    link.text("0/a,");
    emit_with(only_socket(), {.is_latest = true, .key = "k"}, nullptr, "e");
    CHECK(link.last_delivery.policy == loop::Policy::latest);
    const std::string key = link.last_key;
    emit_with(only_socket("/a"), {.is_latest = true, .key = "k"}, nullptr, "e");
    CHECK(link.last_key != key);
    emit_with(only_socket(), {.is_latest = true, .key = "k"}, nullptr, "f");
    CHECK(link.last_key == key);
    emit_with(only_socket(), {.is_volatile = true, .is_latest = true, .key = ""}, nullptr, "f");
    CHECK(link.last_delivery.policy == loop::Policy::latest);
  }

  TEST_CASE_FIXTURE(Fixture, "a packet that is being collected is charged until it is whole") {
    const auto budget = std::make_shared<base::Budget>(10'000);
    loop.get().set_budget(budget);
    log_event("e");
    FakeLink& link = join();
    link.text(R"(52-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
    CHECK(budget->used() > 0);
    link.binary(std::string(1000, 'x'));
    CHECK(budget->used() > 1000);
    SUBCASE("delivered") {
      link.binary("y");
      CHECK(log.size() == 1);
    }
    SUBCASE("lost") {
      link.end();
      turn();
    }
    CHECK(budget->used() == 0);
  }

  TEST_CASE_FIXTURE(Fixture,
                    "while the budget is spent the connection whose incomplete packet is largest ends") {
    const auto budget = std::make_shared<base::Budget>(10'000);
    loop.get().set_budget(budget);
    FakeLink& small = join();
    FakeLink& large = join();
    for (FakeLink* link : {&small, &large})
      link->text(R"(52-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
    small.binary(std::string(4'000, 'x'));
    large.binary(std::string(8'000, 'x'));
    CHECK(large.is_open());
    turn();
    CHECK_FALSE(large.is_open());
    CHECK(large.closed_with.kind == Reason::slow_consumer);
    CHECK(large.closed_with.detail.find("budget") != std::string::npos);
    CHECK(budget->used() < 5'000);
    turn();
    CHECK(small.is_open());
  }

  TEST_CASE_FIXTURE(Fixture,
                    "packets that wait for a namespace to be joined are charged, and end the largest") {
    const auto budget = std::make_shared<base::Budget>(10'000);
    loop.get().set_budget(budget);
    std::vector<std::pair<detail::Slot, Next>> kept;
    use([&kept](const detail::SocketRef& socket, Next next) {
      kept.emplace_back(socket.slot, std::move(next));
    });
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\",\"" + std::string(6'000, 'x') + "\"]");
    CHECK(budget->used() > 6'000);
    SUBCASE("accepted") {
      hub().find(kept.front().first)->decide(0, true, {}, nullptr);
    }
    SUBCASE("too much") {
      link.text("2[\"e\",\"" + std::string(6'000, 'x') + "\"]");
      turn();
      CHECK_FALSE(link.is_open());
      CHECK(link.closed_with.kind == Reason::slow_consumer);
      turn();
    }
    CHECK(budget->used() == 0);
  }
}

}  // namespace banter::socketio
