// What a session does, whatever its transport: that one is a fake.
#include "engine/session.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/session_table.h"
#include "tests/engine/session_fixture.h"

namespace banter::engine {
namespace {

using loop::Milliseconds;
using test::Log;
using Fixture = test::SessionFixture;

}  // namespace

TEST_SUITE("engine session") {
  TEST_CASE_FIXTURE(Fixture, "begins with the open packet") {
    CHECK(sent() == Log{"0{\"sid\":\"" + std::string(id.view()) +
                        R"(","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000})"});
    CHECK(heard() == Log{"open"});
    CHECK(counters.sessions.value() == 1);
    CHECK(counters.opened.value() == 1);
    CHECK(place_of(id.view())->worker == 3);
  }

  TEST_CASE_FIXTURE(Fixture, "handles every packet of a client as the table says") {
    static_cast<void>(heard());
    packet("4hello");
    packet("4");
    handler().on_binary(as_bytes("\x01\x02"));
    CHECK(heard() == Log{"text hello", "text ", "binary \x01\x02"});
    for (const std::string_view ignored : {"3", "3x", "0", "0{}", "5", "5x", "6", "6x"})
      packet(ignored);
    CHECK(heard().empty());
    CHECK_FALSE(transport->closed);
  }

  TEST_CASE("a packet that ends the session does so with its reason") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"1", "transport close"},      {"1x", "transport close"}, {"2", "transport error"},
        {"2probe", "transport error"}, {"", "parse error"},       {"7", "parse error"},
        {"{\"a\":1}", "parse error"},  {"b", "parse error"}};
    for (const auto& row : rows) {
      const auto& text = row.first;
      CAPTURE(text);
      Fixture fixture;
      static_cast<void>(fixture.heard());
      fixture.packet(text);
      CHECK(fixture.transport->closed);
      CHECK(fixture.heard().empty());
      fixture.packet("4late");
      fixture.end_turn();
      CHECK(fixture.heard() == Log{"close " + row.second});
    }
  }

  TEST_CASE_FIXTURE(Fixture, "is told of its end at the end of the turn, once, and its id is unknown then") {
    CHECK(table.find(id.view()) == session);
    session->close({.kind = Reason::forced_close});
    session->close({.kind = Reason::transport_error});
    CHECK(heard() == Log{"open"});
    CHECK(session->send({}, {}, loop::Policy::queue) == SendResult::closed);
    end_turn();
    CHECK(heard() == Log{"close forced close"});
    CHECK(table.find(id.view()) == nullptr);
    CHECK(counters.sessions.value() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "may be closed inside of what it tells") {
    close_in_message = true;
    packet("4a");
    packet("4b");
    end_turn();
    CHECK(heard() == Log{"open", "text a", "close forced close"});
  }

  TEST_CASE_FIXTURE(Fixture, "ends with its transport") {
    handler().on_transport_end({.kind = Reason::transport_close});
    CHECK(heard() == Log{"open", "close transport close"});
    CHECK(table.find(id.view()) == nullptr);
    end_turn();
    pass(Milliseconds{1000});
    CHECK(counters.pings.value() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "an id is compared in whole, and a slot that is used again has another one") {
    std::string other(id.view());
    other.back() = other.back() == 'A' ? 'B' : 'A';
    CHECK(table.find(other) == nullptr);
    CHECK(table.find(id.view().substr(0, 23)) == nullptr);
    handler().on_transport_end({});
    const SessionId next = *table.next_id();
    CHECK(place_of(next.view()) == place_of(id.view()));
    CHECK(table.find(next.view()) == nullptr);
    CHECK_FALSE(next == id);
  }
}

}  // namespace banter::engine
