#include "socketio/native_client.h"

#include <doctest/doctest.h>

#include <optional>

#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;

}  // namespace

TEST_SUITE("socketio plain JSON client") {
  TEST_CASE_FIXTURE(HubFixture, "joins at once: the first message is its id, then what the handler emits") {
    on("connection", [this](Call& call) {
      log.push_back(socket(call).handshake().auth.dump());
      emit(socket(call), "hello", 1, Bytes(std::string_view("\x01")));
    });
    FakeLink& link = join_native("/", R"({"token":"t"})");
    const Log sent = link.sent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0] == R"({"name":"connect","data":[{"sid":")" + std::string(only_socket().id()) + "\"}]}");
    CHECK(sent[1] == R"({"name":"hello","data":[1,"AQ=="]})");
    CHECK(log == Log{R"({"token":"t"})"});
  }

  TEST_CASE_FIXTURE(HubFixture, "takes and gives answers, and shares rooms with the other clients") {
    log_event("msg");
    on("ask", [this](Call& call) { answer(socket(call), 7, 3); });
    FakeLink& native = join_native();
    Socket& socket = only_socket();
    FakeLink& other = join();
    static_cast<void>(native.sent());
    native.text(R"({"name":"msg","data":[12,5]})");
    native.text(R"({"name":"ask","data":[1],"id":7})");
    CHECK(log == Log{"msg(12,5)"});
    CHECK(native.sent() == Log{R"({"id":7,"data":[3]})"});
    emit_with(
        socket, {}, [this](detail::AckAnswer& reply) { log.emplace_back(reply.args.raw(0)); }, "q");
    CHECK(native.sent() == Log{R"({"name":"q","id":0,"data":[]})"});
    native.text(R"({"id":0,"data":["yes"]})");
    CHECK(log.back() == "\"yes\"");
    broadcast({}, "all");
    CHECK(native.sent() == Log{R"({"name":"all","data":[]})"});
    CHECK(other.sent() == Log{R"(2["all"])"});
  }

  TEST_CASE_FIXTURE(HubFixture, "is closed with the codes of this protocol") {
    log_event("disconnect");
    FakeLink& bad = join_native();
    bad.text("42[\"msg\"]");
    CHECK(bad.closed_with.close_code == 1007);
    FakeLink& binary = join_native();
    binary.binary("x");
    CHECK(binary.closed_with.close_code == 1003);
    turn();
    CHECK(take_log() == Log{"disconnect transport error", "disconnect transport error"});

    FakeLink& left = join_native();
    only_socket().disconnect();
    CHECK(left.closed_with.close_code == 4000);
    CHECK(left.closed_with.detail == "server namespace disconnect");
    turn();
    CHECK(take_log() == Log{"disconnect server namespace disconnect"});
  }

  TEST_CASE_FIXTURE(HubFixture, "is refused with 4401 and the message, and sent away with 4408") {
    settings.connect_timeout = loop::Milliseconds{100};
    use(
        [this](const detail::SocketRef& ref, Next) {
          hub().find(ref.slot)->decide(0, false, "denied", json{{"why", "role"}});
        },
        "/strict");
    std::vector<Next> kept;
    use([&](const detail::SocketRef&, Next next) { kept.push_back(std::move(next)); }, "/slow");
    FakeLink& refused = join_native("/strict");
    CHECK(refused.closed_with.close_code == 4401);
    CHECK(refused.closed_with.detail == "denied");
    CHECK(refused.sent().empty());
    FakeLink& slow = join_native("/slow");
    pass(loop::Milliseconds{100});
    CHECK(slow.closed_with.close_code == 4408);
    turn();
    CHECK(counters.clients.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture, "is closed with 1008 for what has the right shape and passes a limit") {
    settings.max_held = 1000;
    settings.max_event_name = 5;
    std::vector<Next> kept;
    use([&](const detail::SocketRef&, Next next) { kept.push_back(std::move(next)); }, "/slow");
    FakeLink& hasty = join_native("/slow");
    hasty.text("{\"name\":\"e\",\"data\":[\"" + std::string(1000, 'x') + "\"]}");
    CHECK(hasty.closed_with.close_code == 1008);
    CHECK(hasty.closed_with.detail == "too much sent while a middleware was deciding");
    FakeLink& wordy = join_native();
    wordy.text(R"({"name":"toolong"})");
    CHECK(wordy.closed_with.close_code == 1008);
  }
}

TEST_SUITE("socketio plain JSON client: auth by the first message") {
  TEST_CASE_FIXTURE(HubFixture, "joins with the object it was sent, and only then") {
    on("connection", [this](Call& call) { log.push_back(socket(call).handshake().auth.dump()); });
    log_event("msg");
    log_event("auth");
    FakeLink& link = join_native("/", std::nullopt);
    CHECK(link.sent().empty());
    CHECK(nsp().size() == 0);
    link.text(R"({"name":"auth","data":[{"token":"t"}]})");
    CHECK(link.sent().size() == 1);
    link.text(R"({"name":"msg","data":[1]})");
    link.text(R"({"name":"auth","data":[2]})");  // an event like any other from now on
    CHECK(log == Log{R"({"token":"t"})", "msg(1)", "auth(2)"});
  }

  TEST_CASE_FIXTURE(HubFixture, "without data it is an empty object, as in the query") {
    on("connection", [this](Call& call) { log.push_back(socket(call).handshake().auth.dump()); });
    join_native("/", std::nullopt).text(R"({"name":"auth"})");
    CHECK(log == Log{"{}"});
  }

  TEST_CASE_FIXTURE(HubFixture, "anything else as the first message is refused with 4401") {
    for (const std::string message : {R"({"name":"msg","data":[1]})", R"({"name":"auth","data":["token"]})",
                                      R"({"name":"auth","data":[null]})", R"({"id":1,"data":[{}]})"}) {
      CAPTURE(message);
      FakeLink& link = join_native("/", std::nullopt);
      link.text(message);
      CHECK(link.closed_with.close_code == 4401);
      CHECK(link.closed_with.detail == "the first message must be auth with an object");
    }
    CHECK(counters.refused.value() == 4);
    turn();
    CHECK(counters.clients.value() == 0);
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "a middleware sees it and may refuse; who says nothing is sent away with 4408") {
    settings.connect_timeout = loop::Milliseconds{100};
    use([this](const detail::SocketRef& ref, Next) {
      Socket& joining = *hub().find(ref.slot);
      joining.decide(0, joining.handshake().auth.value("token", 0) == 7, "denied", nullptr);
    });
    FakeLink& good = join_native("/", std::nullopt);
    good.text(R"({"name":"auth","data":[{"token":7}]})");
    CHECK(good.is_open());
    FakeLink& bad = join_native("/", std::nullopt);
    bad.text(R"({"name":"auth","data":[{"token":8}]})");
    CHECK(bad.closed_with.close_code == 4401);
    CHECK(bad.closed_with.detail == "denied");
    FakeLink& silent = join_native("/", std::nullopt);
    pass(loop::Milliseconds{100});
    CHECK(silent.closed_with.close_code == 4408);
    CHECK(good.is_open());
  }
}

}  // namespace banter::socketio
