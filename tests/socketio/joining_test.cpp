// Middlewares: their order, what they decide and when, and what happens to a client meanwhile.
#include <doctest/doctest.h>

#include "socketio/error.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using detail::SocketRef;
using test::FakeLink;
using Log = test::HubFixture::Log;

class JoiningFixture : public test::HubFixture {
 public:
  // A middleware that is noted under `name` and says yes at once.
  void use_accepting(std::string name, std::size_t step) {
    use([this, name = std::move(name), step](const SocketRef& ref, Next) {
      log.push_back(name);
      accept(ref, step);
    });
  }
  // One that leaves the decision to the test.
  void use_waiting(std::string_view nsp = "/") {
    use(
        [this](const SocketRef& ref, Next next) {
          asked.push_back(ref);
          kept.push_back(std::move(next));
        },
        nsp);
  }
  void accept(const SocketRef& ref, std::size_t step = 0) {
    if (Socket* joining = hub().find(ref.slot)) joining->decide(step, true, {}, nullptr);
  }
  void refuse(const SocketRef& ref, std::string message, json data = nullptr, std::size_t step = 0) {
    if (Socket* joining = hub().find(ref.slot))
      joining->decide(step, false, std::move(message), std::move(data));
  }

  std::vector<SocketRef> asked;
  std::vector<Next> kept;
};

}  // namespace

TEST_SUITE("socketio joining") {
  TEST_CASE_FIXTURE(JoiningFixture, "middlewares run in order, then the connection handler") {
    use_accepting("first", 0);
    use_accepting("second", 1);
    log_event("connection");
    join();
    CHECK(log == Log{"first", "second", "connection()"});
  }

  TEST_CASE_FIXTURE(JoiningFixture,
                    "the first refusal stops; the client is told literally and may try again") {
    bool is_denied = true;
    use([&](const SocketRef& ref, Next) { is_denied ? refuse(ref, "denied") : accept(ref); }, "/admin");
    use([&](const SocketRef& ref, Next) { accept(ref, 1); }, "/admin");
    log_life("/admin");
    FakeLink& link = connect();
    link.text("0/admin,");
    CHECK(link.sent() == Log{R"(4/admin,{"message":"denied"})"});
    CHECK(log.empty());
    CHECK(counters.refused.value() == 1);
    turn();
    is_denied = false;
    link.text("0/admin,");
    CHECK(link.sent().size() == 1);
    CHECK(log == Log{"connection()"});
  }

  TEST_CASE_FIXTURE(JoiningFixture, "a refusal carries data, whatever JSON it is, and escapes its message") {
    json data = {{"why", "role"}};
    use([&](const SocketRef& ref, Next) { refuse(ref, "de\"nied\n", data); });
    FakeLink& link = connect();
    link.text("0");
    CHECK(link.sent() == Log{R"(4{"message":"de\"nied\n","data":{"why":"role"}})"});
    data = false;
    link.text("0");
    CHECK(link.sent() == Log{R"(4{"message":"de\"nied\n","data":false})"});
  }

  TEST_CASE_FIXTURE(JoiningFixture,
                    "a packet for a namespace that refused the client closes the connection") {
    use([&](const SocketRef& ref, Next) { refuse(ref, "denied"); });
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\"]");
    CHECK(link.closed_with.error == Error::not_connected);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "a middleware that throws refuses with internal error and is reported") {
    use([](const SocketRef&, Next) { throw std::runtime_error("no database"); });
    FakeLink& link = connect();
    link.text("0");
    CHECK(link.sent() == Log{R"(4{"message":"internal error"})"});
    CHECK(problems == Log{"2  no database"});
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(JoiningFixture,
                    "a decision may come later; decisions that are not awaited change nothing") {
    use_waiting();
    use_waiting();
    FakeLink& link = connect();
    link.text("0");
    REQUIRE(asked.size() == 1);
    accept(asked[0], 1);  // of a middleware that has not been asked
    CHECK(asked.size() == 1);
    accept(asked[0], 0);
    REQUIRE(asked.size() == 2);
    refuse(asked[0], "too late", nullptr, 0);
    CHECK(link.sent().empty());
    accept(asked[1], 1);
    CHECK(link.sent().size() == 1);
    refuse(asked[1], "too late", nullptr, 1);
    CHECK(link.sent().empty());
    CHECK(nsp().size() == 1);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "no decision within middleware_timeout refuses with timeout") {
    settings.middleware_timeout = loop::Milliseconds{1000};
    use_waiting();
    FakeLink& link = connect();
    link.text("0");
    pass(loop::Milliseconds{999});
    CHECK(link.sent().empty());
    pass(loop::Milliseconds{1});
    CHECK(link.sent() == Log{R"(4{"message":"timeout"})"});
    accept(asked[0]);
    CHECK(link.sent().empty());
    CHECK(nsp().size() == 0);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "the timeout is for all middlewares together, and over when they are") {
    settings.middleware_timeout = loop::Milliseconds{1000};
    use_waiting();
    use_waiting();
    FakeLink& link = connect();
    link.text("0");
    pass(loop::Milliseconds{600});
    accept(asked[0], 0);
    pass(loop::Milliseconds{400});
    CHECK(link.sent() == Log{R"(4{"message":"timeout"})"});
    link.text("0");
    accept(asked[2], 0);
    accept(asked[3], 1);
    CHECK(link.sent().size() == 1);
    pass(loop::Milliseconds{5000});
    CHECK(nsp().size() == 1);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "what a middleware emits goes out ahead of CONNECT") {
    use([this](const SocketRef& ref, Next) {
      emit(*hub().find(ref.slot), "welcome");
      accept(ref);
    });
    FakeLink& link = connect();
    link.text("0");
    const Log sent = link.sent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0] == "2[\"welcome\"]");
    CHECK(sent[1].starts_with("0{"));
  }

  TEST_CASE_FIXTURE(JoiningFixture, "a room joined in a middleware takes effect on acceptance") {
    use_waiting();
    FakeLink& link = connect();
    link.text("0");
    Socket& joining = *hub().find(asked[0].slot);
    joining.join("r");
    joining.join("left again");
    joining.leave_room("left again");
    broadcast({{"r"}, {}}, "early");
    CHECK(link.sent().empty());
    accept(asked[0]);
    static_cast<void>(link.sent());
    CHECK(joining.rooms() == std::vector<std::string>{std::string(joining.id()), "r"});
    broadcast({{"r"}, {}}, "late");
    CHECK(link.sent() == Log{"2[\"late\"]"});
  }

  TEST_CASE_FIXTURE(JoiningFixture,
                    "packets that come while joining wait, and follow the connection handler in order") {
    use_waiting();
    log_event("connection");
    log_event("e");
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\",1]");
    link.text(R"(51-["e",{"_placeholder":true,"num":0}])");
    link.binary("x");
    link.text("2[\"e\",3]");
    CHECK(log.empty());
    accept(asked[0]);
    CHECK(log == Log{"connection()", "e(1)", R"(e({"_placeholder":true,"num":0}))", "e(3)"});
  }

  TEST_CASE_FIXTURE(JoiningFixture, "packets that were held for a refused socket are dropped") {
    use_waiting();
    log_event("e");
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\"]");
    refuse(asked[0], "denied");
    CHECK(link.sent() == Log{R"(4{"message":"denied"})"});
    CHECK(link.is_open());
    CHECK(log.empty());
  }

  TEST_CASE_FIXTURE(JoiningFixture, "what is held is bounded by max_held") {
    settings.max_held = 1000;
    use_waiting();
    FakeLink& link = connect();
    link.text("0");
    int count = 0;
    for (; link.is_open() && count < 1000; ++count)
      link.text("2[\"e\"]");
    CHECK(count > 1);
    CHECK(count < 100);  // small packets do not cost nothing
    CHECK(link.closed_with.error == Error::held_too_much);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "a held DISCONNECT is the last packet that is delivered") {
    use_waiting();
    log_life();
    log_event("e");
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\",1]");
    link.text("1");
    link.text("2[\"e\",2]");
    accept(asked[0]);
    CHECK(log == Log{"connection()", "e(1)", "disconnecting client namespace disconnect",
                     "disconnect client namespace disconnect"});
  }

  TEST_CASE_FIXTURE(JoiningFixture, "nothing that was held is delivered once the connection is closing") {
    use_waiting();
    log_event("e");
    on("close", [this](Call& call) { socket(call).client().close({.kind = Reason::forced_close}); });
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"close\"]");
    link.text("2[\"e\"]");
    accept(asked[0]);
    CHECK(log.empty());
  }

  TEST_CASE_FIXTURE(JoiningFixture,
                    "nothing that was held is delivered to a socket that its handler has ended") {
    use_waiting();
    log_event("e");
    on("connection", [this](Call& call) { socket(call).disconnect(); });
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\"]");
    accept(asked[0]);
    CHECK(log.empty());
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(JoiningFixture,
                    "a client that leaves meanwhile cancels its joining; no handler hears of it") {
    use_waiting();
    log_life();
    FakeLink& link = connect();
    link.text("0");
    link.end();
    accept(asked[0]);
    turn();
    accept(asked[0]);
    CHECK(log.empty());
    CHECK(counters.clients.value() == 0);
    CHECK(counters.sockets.value() == 0);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "a middleware may end the connection that it is asked about") {
    use([this](const SocketRef& ref, Next) {
      hub().find(ref.slot)->client().disconnect();
      accept(ref);
    });
    log_life();
    FakeLink& link = connect();
    link.text("0");
    CHECK_FALSE(link.is_open());
    turn();
    CHECK(log.empty());
    CHECK(counters.sockets.value() == 0);
  }

  TEST_CASE_FIXTURE(JoiningFixture, "joining namespaces do not wait for one another") {
    use_waiting("/slow");
    FakeLink& link = connect();
    link.text("0/slow,");
    link.text("0");
    CHECK(link.sent().size() == 1);
    accept(asked[0]);
    CHECK(link.sent()[0].starts_with("0/slow,"));
  }

  TEST_CASE_FIXTURE(JoiningFixture, "a slot that is used again does not answer to its former name") {
    use_waiting();
    FakeLink& link = connect();
    link.text("0");
    link.end();
    turn();
    connect().text("0");
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].slot.index == asked[1].slot.index);
    CHECK(hub().find(asked[0].slot) == nullptr);
    CHECK(hub().find(asked[1].slot) != nullptr);
    CHECK(hub().find({12345, 1}) == nullptr);
    CHECK(hub().find({}) == nullptr);
  }
}

}  // namespace banter::socketio
