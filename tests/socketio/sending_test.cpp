// What the server sends: acknowledgements it asks for, broadcasts, and the answers of emit.
#include <doctest/doctest.h>

#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;

}  // namespace

TEST_SUITE("socketio acknowledgements") {
  TEST_CASE_FIXTURE(HubFixture,
                    "emit with a callback asks with an id that counts up, and hears the answer once") {
    FakeLink& link = join();
    const auto callback = [this](detail::AckAnswer& answer) {
      log.push_back(answer.error ? answer.error.message() : std::string(answer.args.raw(0)));
    };
    emit_with(only_socket(), {}, callback, "ask", 1);
    emit_with(only_socket(), {}, callback, "ask", 2);
    CHECK(link.sent() == Log{"20[\"ask\",1]", "21[\"ask\",2]"});
    link.text("31[\"b\"]");
    link.text("31[\"again\"]");
    link.text("37[\"forged\"]");
    link.text("30[\"a\"]");
    CHECK(log == Log{"\"b\"", "\"a\""});
    CHECK(counters.acks_in.value() == 4);
    CHECK(counters.unknown_acks.value() == 2);
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(HubFixture, "an id that another socket was asked with is unknown") {
    FakeLink& asked = join();
    emit_with(
        only_socket(), {}, [this](detail::AckAnswer&) { log.push_back("heard"); }, "ask");
    FakeLink& forger = join();
    forger.text("30[1]");
    CHECK(log.empty());
    asked.text("30[1]");
    CHECK(log == Log{"heard"});
  }

  TEST_CASE_FIXTURE(HubFixture, "an answer may carry attachments") {
    FakeLink& link = join();
    emit_with(
        only_socket(), {},
        [this](detail::AckAnswer& answer) { log.emplace_back(answer.args.get<Bytes>(0)->text()); }, "ask");
    link.text(R"(61-0[{"_placeholder":true,"num":0}])");
    link.binary("xyz");
    CHECK(log == Log{"xyz"});
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "no answer within the deadline is a timeout, the call's own before the setting") {
    settings.ack_timeout = loop::Milliseconds{1000};
    FakeLink& link = join();
    const auto note = [this](std::string name) {
      return [this, name](detail::AckAnswer& answer) { log.push_back(name + answer.error.message()); };
    };
    emit_with(only_socket(), {}, note("default: "), "a");
    emit_with(only_socket(), {.ack_timeout = loop::Milliseconds{10}}, note("short: "), "b");
    pass(loop::Milliseconds{10});
    const std::string timeout = make_error_code(AckError::timeout).message();
    CHECK(take_log() == Log{"short: " + timeout});
    link.text("31[]");
    CHECK(counters.unknown_acks.value() == 1);
    pass(loop::Milliseconds{990});
    CHECK(take_log() == Log{"default: " + timeout});
  }

  TEST_CASE_FIXTURE(HubFixture,
                    "when the socket goes, all that wait hear of it, behind the disconnect handlers") {
    log_event("disconnect");
    FakeLink& link = join();
    Socket& leaving = only_socket();
    emit_with(
        leaving, {},
        [&](detail::AckAnswer& answer) {
          log.push_back(answer.error.message());
          CHECK(emit_with(
                    leaving, {}, [](detail::AckAnswer&) {}, "again") == SendResult::closed);
          leaving.disconnect();
        },
        "ask");
    link.end();
    CHECK(log == Log{"disconnect transport close", make_error_code(AckError::disconnected).message()});
  }

  TEST_CASE_FIXTURE(HubFixture, "an emit that is not sent does not take its callback") {
    auto alive = std::make_shared<int>();
    FakeLink& link = join();
    Socket& asked = only_socket();
    link.result = SendResult::dropped;
    CHECK(emit_with(
              asked, {.is_volatile = true}, [alive](detail::AckAnswer&) { ++*alive; }, "e") ==
          SendResult::dropped);
    CHECK(counters.dropped.value() == 1);
    link.end();
    CHECK(emit_with(
              asked, {}, [alive](detail::AckAnswer&) { ++*alive; }, "e") == SendResult::closed);
    CHECK(*alive == 0);
    CHECK(alive.use_count() == 1);
  }

  TEST_CASE_FIXTURE(HubFixture, "what a callback throws, or could not hear, is reported") {
    FakeLink& link = join();
    emit_with(
        only_socket(), {}, [](detail::AckAnswer&) { throw std::runtime_error("oh"); }, "e");
    emit_with(
        only_socket(), {}, [](detail::AckAnswer& answer) { answer.unheard = AckError::bad_reply; }, "e");
    link.text("30[]");
    link.text("31[]");
    CHECK(problems == Log{"3  oh", "3  " + make_error_code(AckError::bad_reply).message()});
    CHECK(link.is_open());
  }
}

TEST_SUITE("socketio broadcasts") {
  TEST_CASE_FIXTURE(HubFixture,
                    "go to the union of the rooms, once each, without those in an excepted room") {
    std::vector<FakeLink*> links;
    std::vector<Socket*> sockets;
    on("connection", [&](Call& call) { sockets.push_back(&socket(call)); });
    for (int i = 0; i < 5; ++i)
      links.push_back(&join());
    sockets[0]->join("a");
    sockets[1]->join("a");
    sockets[1]->join("b");
    sockets[2]->join("b");
    sockets[2]->join("c");
    const auto receivers = [&](const Selector& selector) {
      broadcast(selector, "e");
      std::string who;
      for (std::size_t i = 0; i < links.size(); ++i) {
        const Log sent = links[i]->sent();
        CHECK(sent.size() <= 1);
        if (!sent.empty()) who += std::to_string(i);
      }
      return who;
    };
    const auto id = [&](std::size_t i) { return std::string(sockets[i]->id()); };
    CHECK(receivers({}) == "01234");
    CHECK(receivers({{"a"}, {}}) == "01");
    CHECK(receivers({{"a", "b"}, {}}) == "012");
    CHECK(receivers({{"a", "a"}, {}}) == "01");
    CHECK(receivers({{"a", "b"}, {"c"}}) == "01");
    CHECK(receivers({{}, {"a", "c"}}) == "34");
    CHECK(receivers({{"nobody"}, {}}) == "");
    CHECK(receivers({{}, {"nobody"}}) == "01234");
    CHECK(receivers({{id(3)}, {}}) == "3");  // each is in the room of its id
    CHECK(receivers({{"a"}, {id(0)}}) == "1");
    sockets[3]->leave_room(id(3));
    CHECK(receivers({{id(3)}, {}}) == "");
    sockets[3]->join(id(3));
    CHECK(receivers({{id(3)}, {}}) == "3");
    sockets[4]->join(id(3));  // anybody may be in it
    CHECK(receivers({{id(3)}, {}}) == "34");
    links[1]->end();
    CHECK(receivers({{"a", "b"}, {}}) == "02");
  }

  TEST_CASE_FIXTURE(HubFixture, "stay in their namespace") {
    registry.get("/admin");
    FakeLink& link = join();
    link.text("0/admin,");
    static_cast<void>(link.sent());
    broadcast({}, "e", "/admin");
    CHECK(link.sent() == Log{"2/admin,[\"e\"]"});
  }

  TEST_CASE_FIXTURE(HubFixture, "pass their policy on and count what became of them") {
    FakeLink& link = join();
    Socket& receiver = only_socket();
    FakeLink& slow = join();
    slow.result = SendResult::dropped;
    broadcast({}, "e", "/", loop::Policy::drop);
    CHECK(link.last_delivery.policy == loop::Policy::drop);
    CHECK(counters.events_out.value() == 1);
    CHECK(counters.dropped.value() == 1);
    emit_with(receiver, {.is_volatile = true}, nullptr, "e");
    CHECK(link.last_delivery.policy == loop::Policy::drop);
    emit(receiver, "e");
    CHECK(link.last_delivery.policy == loop::Policy::queue);
  }

  TEST_CASE_FIXTURE(HubFixture, "may be compressed unless they say otherwise") {
    FakeLink& link = join();
    emit(only_socket(), "e");
    CHECK(link.last_delivery.compress == Compress::yes);
    emit_with(only_socket(), {.compress = false}, nullptr, "e");
    CHECK(link.last_delivery.compress == Compress::no);
  }

  TEST_CASE_FIXTURE(HubFixture, "emit answers what became of it") {
    FakeLink& link = join();
    for (const SendResult result : {SendResult::sent, SendResult::queued, SendResult::dropped}) {
      link.result = result;
      CHECK(emit(only_socket(), "e") == result);
    }
    Socket& gone = only_socket();
    link.end();
    CHECK(emit(gone, "e") == SendResult::closed);
  }
}

}  // namespace banter::socketio
