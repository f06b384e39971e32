// A client on long-polling that does not keep up.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "base/budget.h"
#include "tests/engine/polling_fixture.h"

namespace banter::engine {
namespace {

using namespace std::chrono_literals;
using http::TestClient;
using loop::Policy;

struct PressureFixture : test::PollingFixture {
  PressureFixture() {
    settings.high_water = 1000;
    settings.max_queue = 100'000;
    server.settings.stream.high_water = settings.high_water;
    settings.stall_timeout = 400ms;
  }
  void on_drain() override { heard.emplace_back("drain"); }
  SendResult latest(std::string_view key, std::string_view text) {
    return send(text, {Policy::latest, Compress::yes, key});
  }
};

}  // namespace

TEST_SUITE("engine polling, back-pressure") {
  TEST_CASE_FIXTURE(PressureFixture, "above high_water sends answer queued, and a poll drains: told once") {
    TestClient client = server.connect();
    poll(client);
    end_turn();
    CHECK(send(std::string(500, 'x')) == SendResult::sent);
    CHECK(send(std::string(600, 'x')) == SendResult::queued);
    CHECK(transport->owes_drain());
    CHECK(heard.empty());
    end_turn();
    server.run_until_true([&] { return !heard.empty(); });
    static_cast<void>(client.answer());
    CHECK(heard == Log{"drain"});
    CHECK_FALSE(transport->owes_drain());
    send("y");
    CHECK(poll_at_once(client).body == "4y");
    CHECK(heard == Log{"drain"});
  }

  TEST_CASE_FIXTURE(PressureFixture, "what stays below high_water drains nothing") {
    TestClient client = server.connect();
    send(std::string(900, 'x'));
    end_turn();
    static_cast<void>(poll_at_once(client));
    CHECK(heard.empty());
  }

  TEST_CASE_FIXTURE(PressureFixture, "above high_water and no poll for stall_timeout: a slow consumer") {
    send(std::string(2000, 'x'));
    end_turn();
    for (int i = 0; i < 3; ++i)
      pass(100ms);
    CHECK(heard.empty());
    pass(100ms);
    CHECK(heard == Log{"end slow consumer"});
  }

  TEST_CASE_FIXTURE(PressureFixture, "who polls now and then is no slow consumer, however much comes after") {
    TestClient client = server.connect();
    for (int i = 0; i < 8; ++i) {
      send(std::string(2000, 'x'));
      end_turn();
      for (int part = 0; part < 3; ++part)
        pass(100ms);
      static_cast<void>(poll_at_once(client));
    }
    CHECK(std::count(heard.begin(), heard.end(), "end slow consumer") == 0);
  }

  TEST_CASE_FIXTURE(PressureFixture, "bytes of an answer that the kernel has not taken are left over too") {
    settings.max_queue = 32 * 1024 * 1024;
    settings.high_water = 1'000'000;
    server.settings.stream.high_water = 800'000;
    server.settings.stream.max_queue = 64 * 1024 * 1024;
    TestClient client = server.connect();
    client.stop_reading();
    send(std::string(16 * 1024 * 1024, 'x'));
    poll(client);  // is answered, and the client does not read
    end_turn();
    REQUIRE(transport->buffered() > settings.high_water);
    CHECK(transport->owes_drain());
    CHECK(send("y") == SendResult::queued);
    SUBCASE("until it takes them") {
      client.listen();
      wait_for(1);
      CHECK(heard == Log{"drain"});
      CHECK(transport->buffered() <= settings.high_water / 2 + 2);
    }
    SUBCASE("and are lost with the connection, which ends the session") {
      client.reset();
      wait_for(1);
      CHECK(heard == Log{"end transport error"});
    }
  }

  TEST_CASE_FIXTURE(PressureFixture, "a newer packet of a key takes the place of the one that waits") {
    TestClient client = server.connect();
    latest("a", "a1");
    send("x");
    end_turn();
    latest("b", "b1");
    latest("a", "a2");
    send("y");
    CHECK(poll_at_once(client).body ==
          "4x\x1e"
          "4b1\x1e"
          "4a2\x1e"
          "4y");
    latest("a", "a3");
    CHECK(poll_at_once(client).body == "4a3");
  }

  TEST_CASE_FIXTURE(PressureFixture,
                    "a key that is replaced for ever passes neither high_water nor max_queue") {
    const std::string text(900, 'x');
    for (int i = 0; i < 10'000; ++i)
      REQUIRE(latest("k", text) == SendResult::queued);
    CHECK(transport->buffered() == 901);
    CHECK_FALSE(transport->owes_drain());
  }

  TEST_CASE_FIXTURE(PressureFixture, "what waits for a poll is charged to the budget until it is fetched") {
    const auto budget = std::make_shared<base::Budget>(1'000'000);
    server.loop.set_budget(budget);
    TestClient client = server.connect();
    send(std::string(500, 'x'));
    CHECK(budget->used() == 0);
    end_turn();
    CHECK(budget->used() >= 500);
    static_cast<void>(poll_at_once(client));
    CHECK(budget->used() == 0);
  }

  TEST_CASE_FIXTURE(PressureFixture, "the session that owes most ends while the budget is spent") {
    const auto budget = std::make_shared<base::Budget>(300);
    server.loop.set_budget(budget);
    send(std::string(500, 'x'));
    end_turn();
    CHECK(heard == Log{"end slow consumer"});
    CHECK(budget->used() == 0);
  }
}

}  // namespace banter::engine
