// Namespaces that come into being when a client asks for them, and how they go.
#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "socketio/error.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;

class DynamicFixture : public HubFixture {
 public:
  // A rule for "/dynamic-<number>" whose instances note what happens in them.
  Rule& add_dynamic() {
    Rule& rule = registry.add_rule("^/dynamic-\\d+$", matches_pattern("^/dynamic-\\d+$"));
    for (const std::string name : {"connection", "disconnect", "event"}) {
      add_handler(rule.handlers, name, {}, [this, name](Call& call) {
        log.push_back(socket(call).nsp().name() + " " + name + text_of(call));
      });
    }
    return rule;
  }
  std::uint32_t id_of(const std::string& name) {
    return registry.dynamic().find(name).value_or(no_namespace);
  }
};

std::string invalid(const std::string& name) {
  return "4" + name + ",{\"message\":\"Invalid namespace\"}";
}

}  // namespace

TEST_SUITE("socketio dynamic namespaces") {
  TEST_CASE_FIXTURE(DynamicFixture, "a name that matches a pattern comes into being, others are refused") {
    add_dynamic();
    FakeLink& link = connect();
    link.text("0/dynamic-7,");
    CHECK(link.sent()[0].starts_with("0/dynamic-7,{\"sid\":\""));
    link.text("2/dynamic-7,[\"event\",1]");
    CHECK(take_log() == Log{"/dynamic-7 connection()", "/dynamic-7 event(1)"});
    for (const std::string name : {"/dynamic-", "/dynamic-7x", "/x/dynamic-7", "/Dynamic-7"}) {
      CAPTURE(name);
      link.text("0" + name + ",");
      CHECK(link.sent() == Log{invalid(name)});
    }
    CHECK(registry.dynamic().size() == 1);
  }

  TEST_CASE("a pattern matches where it is found, as JavaScript's test() does") {
    struct Case {
      const char* pattern;
      const char* name;
      bool matches;
    };
    const json none = json::object();
    for (const Case& one : {Case{"room", "/the-room-1", true},
                            {"^/room", "/the/room", false},
                            {"^/(a|b)$", "/b", true},
                            {"^/(a|b)$", "/ab", false},
                            {"^/\\w{2,3}$", "/abcd", false},
                            {"^/x$", "/x\n", false},
                            {"^/(?!admin)", "/admin", false},
                            {"", "/", true}}) {
      CAPTURE(one.pattern);
      CAPTURE(one.name);
      CHECK(matches_pattern(one.pattern)(one.name, none) == one.matches);
    }
  }

  TEST_CASE("a pattern that cannot be used is refused, and shown") {
    for (const std::string bad : {"(", "[z-a]", "a{2,1}", "(a)\\1"}) {
      CAPTURE(bad);
      CHECK_THROWS_AS(static_cast<void>(matches_pattern(bad)), std::invalid_argument);
    }
    CHECK_THROWS_WITH_AS(static_cast<void>(matches_pattern("(")), doctest::Contains("Pattern{\"(\"}"),
                         std::invalid_argument);
  }

  TEST_CASE("nested repeats take no more than polynomial time, whatever name a peer sends") {
    const auto name = "/" + std::string(max_namespace_length - 2, 'a') + "!";
    CHECK_FALSE(matches_pattern("^/(a+)+$")(name, json::object()));
  }

  TEST_CASE_FIXTURE(DynamicFixture, "a predicate gets the name and the auth object; the first rule decides") {
    std::string asked;
    registry.add_rule("", [&](std::string_view name, const json& auth) {
      asked += "1" + std::string(name) + auth.dump();
      return auth.contains("token");
    });
    Rule& second = registry.add_rule("", [&](std::string_view, const json&) {
      asked += "2";
      return true;
    });
    FakeLink& link = connect();
    link.text("0/a,{\"token\":1}");
    CHECK(std::exchange(asked, {}) == "1/a{\"token\":1}");
    link.text("0/b,");
    CHECK(std::exchange(asked, {}) == "1/b{}2");
    CHECK(hub().namespaces().find(id_of("/b"))->definition().rule == second.id);
    // Who exists is not asked about again.
    connect().text("0/a,");
    CHECK(asked.empty());
  }

  TEST_CASE_FIXTURE(DynamicFixture, "a predicate that throws lets nobody in, and is reported") {
    registry.add_rule("",
                      [](std::string_view, const json&) -> bool { throw std::runtime_error("no database"); });
    add_dynamic();
    FakeLink& link = connect();
    link.text("0/dynamic-1,");
    CHECK(link.sent() == Log{invalid("/dynamic-1")});
    CHECK(problems == Log{"2  no database"});
  }

  TEST_CASE_FIXTURE(DynamicFixture, "a static namespace goes before the rules") {
    add_dynamic();
    log_event("connection", "/dynamic-1");
    connect().text("0/dynamic-1,");
    CHECK(log == Log{"connection()"});
    CHECK(registry.dynamic().size() == 0);
  }

  TEST_CASE_FIXTURE(DynamicFixture, "instances share the rule's handlers and nothing else") {
    Rule& rule = add_dynamic();
    rule.handlers.middlewares.emplace_back([this](const detail::SocketRef& ref, Next) {
      log.push_back("asked " + hub().find(ref.slot)->nsp().name());
      hub().find(ref.slot)->decide(0, true, {}, nullptr);
    });
    FakeLink& one = connect();
    one.text("0/dynamic-1,");
    FakeLink& two = connect();
    two.text("0/dynamic-2,");
    static_cast<void>(one.sent());
    static_cast<void>(two.sent());
    turn();
    Namespace& first = *hub().namespaces().find(id_of("/dynamic-1"));
    CHECK(first.size() == 1);
    CHECK(&first.handlers() == &rule.handlers);
    std::vector<std::string> visited;
    hub().namespaces().for_each(rule.id, [&](Namespace& part) { visited.push_back(part.name()); });
    std::sort(visited.begin(), visited.end());
    CHECK(visited == Log{"/dynamic-1", "/dynamic-2"});
  }

  TEST_CASE_FIXTURE(DynamicFixture, "a new one is announced once, before its first client joins") {
    add_dynamic();
    registry.on_new_namespace = [this](const detail::PortRef&, const NamespaceDefinition& made) {
      log.push_back("new " + made.name);
    };
    connect().text("0/dynamic-1,");
    connect().text("0/dynamic-1,");
    CHECK(log == Log{"new /dynamic-1", "/dynamic-1 connection()", "/dynamic-1 connection()"});
  }
}

TEST_SUITE("socketio dynamic namespaces: how many") {
  TEST_CASE_FIXTURE(DynamicFixture,
                    "beyond max_dynamic_namespaces none is made; that is counted, and told once") {
    settings.max_dynamic_namespaces = 2;
    add_dynamic();
    for (const std::string number : {"1", "2"})
      connect().text("0/dynamic-" + number + ",");
    FakeLink& link = connect();
    for (const std::string number : {"3", "4"}) {
      link.text("0/dynamic-" + number + ",");
      CHECK(link.sent() == Log{invalid("/dynamic-" + number)});
    }
    link.text("0/dynamic-1,");
    CHECK(link.sent().size() == 1);
    CHECK(counters.refused_namespaces.value() == 2);
    CHECK(problems.size() == 1);
    CHECK(problems[0].find("max_dynamic_namespaces") != std::string::npos);
  }

  TEST_CASE_FIXTURE(DynamicFixture,
                    "a connection is in at most max_namespaces, and may leave one for another") {
    settings.max_namespaces = 2;
    add_dynamic();
    FakeLink& link = connect();
    link.text("0/dynamic-1,");
    link.text("0/dynamic-2,");
    static_cast<void>(link.sent());
    link.text("0/dynamic-3,");
    CHECK(link.sent() == Log{"4/dynamic-3,{\"message\":\"Too many namespaces\"}"});
    CHECK(registry.dynamic().size() == 2);
    link.text("1/dynamic-1,");
    link.text("0/dynamic-3,");
    CHECK(link.sent()[0].starts_with("0/dynamic-3,"));
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(DynamicFixture, "without clean-up an empty one stays, with its id") {
    add_dynamic();
    FakeLink& link = connect();
    link.text("0/dynamic-1,");
    const std::uint32_t id = id_of("/dynamic-1");
    link.text("1/dynamic-1,");
    turn();
    CHECK(id_of("/dynamic-1") == id);
    CHECK(hub().namespaces().find(id) != nullptr);
  }

  TEST_CASE_FIXTURE(DynamicFixture,
                    "with clean-up the last one who leaves takes it along; its id is not given again") {
    settings.cleanup_empty_namespaces = true;
    add_dynamic();
    registry.get("/static");
    FakeLink& one = connect();
    FakeLink& two = connect();
    one.text("0/dynamic-1,");
    two.text("0/dynamic-1,");
    const std::uint32_t first = id_of("/dynamic-1");
    one.end();
    CHECK(hub().namespaces().find(first) != nullptr);
    two.text("1/dynamic-1,");
    CHECK(hub().namespaces().find(first) == nullptr);
    CHECK(registry.dynamic().size() == 0);
    two.text("0/dynamic-1,");  // in the same turn
    CHECK(id_of("/dynamic-1") != first);
    turn();
    CHECK(nsp("/static").name() == "/static");
    CHECK(nsp("/").name() == "/");
  }

  TEST_CASE_FIXTURE(DynamicFixture, "a CONNECT that is being decided keeps it; a refused one does not") {
    settings.cleanup_empty_namespaces = true;
    std::vector<Next> kept;
    add_dynamic().handlers.middlewares.emplace_back(
        [&](const detail::SocketRef&, Next next) { kept.push_back(std::move(next)); });
    FakeLink& link = connect();
    link.text("0/dynamic-1,");
    turn();
    const std::uint32_t id = id_of("/dynamic-1");
    REQUIRE(hub().namespaces().find(id) != nullptr);
    pass(settings.middleware_timeout);
    CHECK(link.sent() == Log{"4/dynamic-1,{\"message\":\"timeout\"}"});
    CHECK(registry.dynamic().size() == 0);
    turn();
  }

  TEST_CASE_FIXTURE(DynamicFixture,
                    "packets under way when the server left a namespace that is gone are ignored") {
    settings.cleanup_empty_namespaces = true;
    add_dynamic();
    FakeLink& link = connect();
    link.text("0/dynamic-1,");
    hub().namespaces().find(id_of("/dynamic-1"))->select({})[0]->disconnect();
    turn();
    CHECK(registry.dynamic().size() == 0);
    link.text("2/dynamic-1,[\"event\"]");
    CHECK(link.is_open());
    link.text("0/dynamic-1,");
    link.text("1/dynamic-1,");
    link.text("2/dynamic-1,[\"event\"]");  // the client's own leaving: nothing may follow
    CHECK(link.closed_with.error == Error::not_connected);
  }

  TEST_CASE_FIXTURE(DynamicFixture,
                    "one that disappears while its last socket's handlers run is safe to use") {
    settings.cleanup_empty_namespaces = true;
    Rule& rule = add_dynamic();
    add_handler(rule.handlers, "disconnect", {}, [this](Call& call) {
      Socket& leaving = socket(call);
      log.push_back("still " + leaving.nsp().name());
    });
    add_handler(rule.handlers, "leave", {}, [this](Call& call) {
      Socket& leaving = socket(call);
      leaving.disconnect();
      log.push_back("behind " + leaving.nsp().name());
    });
    FakeLink& link = connect();
    link.text("0/dynamic-1,");
    static_cast<void>(take_log());
    link.text("2/dynamic-1,[\"leave\"]");
    CHECK(log ==
          Log{"/dynamic-1 disconnect server namespace disconnect", "still /dynamic-1", "behind /dynamic-1"});
    CHECK(registry.dynamic().size() == 0);
  }
}

}  // namespace banter::socketio
