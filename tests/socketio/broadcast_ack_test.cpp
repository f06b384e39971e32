// Broadcasts that ask all of their receivers for an acknowledgement.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "socketio/client.h"
#include "socketio/socket.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;
using socketio::EncodedEvent;
using socketio::Extras;
using socketio::Selector;

// Notes what it hears.
struct Heard final : socketio::Collector {
  void on_targets(std::size_t count) override { targets += count; }
  void on_reply(std::string_view from, const detail::RawArgument& value) override {
    replies.emplace_back(from, value.text);
    if (when_replied) when_replied();
  }
  void on_sockets(std::vector<SocketRecord>) override {}
  void on_rooms(std::vector<RoomInfo>) override {}
  void on_count(std::size_t) override {}
  void on_done(std::error_code with, std::vector<std::string> names) override {
    ++ends;
    error = with;
    missing = std::move(names);
    if (when_done) when_done();
  }

  std::size_t targets = 0;
  std::vector<std::pair<std::string, std::string>> replies;
  int ends = 0;
  std::error_code error;
  std::vector<std::string> missing;
  Function<void()> when_replied;
  Function<void()> when_done;
};

class Asking : public HubFixture {
 public:
  struct Member {
    FakeLink* link;
    std::string id;
  };

  // A client that has joined `room`.
  Member member(std::string_view room = "r") {
    FakeLink& link = join();
    socketio::Socket& socket = newest();
    socket.join(room);
    return {&link, std::string(socket.id())};
  }
  socketio::Socket& newest() { return *nsp().select({}).back(); }

  std::shared_ptr<Heard> ask(const Selector& selector, loop::Policy policy = loop::Policy::queue) {
    const auto heard = std::make_shared<Heard>();
    const std::uint64_t id = registry.get("/").next_ack_id++;
    std::string text = "[\"ask\"";
    Encoder out(text);
    const EncodedEvent event("/", socketio::view_of(out, text.size()), Extras{id, {}});
    nsp().ask(event, selector, policy, loop.get().now() + 1s, heard);
    return heard;
  }
};

}  // namespace

TEST_SUITE("broadcasts with acknowledgements") {
  TEST_CASE("ask all receivers with one id, which no single emit of the namespace has") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    asking.member("another room");
    asking.emit_with(
        asking.newest(), {}, [](detail::AckAnswer&) {}, "one");
    const auto heard = asking.ask({{"r"}, {}});
    CHECK(heard->targets == 2);
    CHECK(a.link->sent() == HubFixture::Log{R"(21["ask"])"});
    CHECK(b.link->sent() == HubFixture::Log{R"(21["ask"])"});
  }

  TEST_CASE("end when all have answered; of each answer the first value counts, in the order of arrival") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    const auto heard = asking.ask({{"r"}, {}});
    b.link->text(R"(30["from b","more"])");
    CHECK(heard->ends == 0);
    a.link->text(R"(30[])");
    CHECK(heard->ends == 1);
    CHECK_FALSE(heard->error);
    CHECK(heard->missing.empty());
    CHECK(heard->replies ==
          std::vector<std::pair<std::string, std::string>>{{b.id, R"("from b")"}, {a.id, ""}});
  }

  TEST_CASE("reach plain JSON clients, whose answers count alike") {
    Asking asking;
    FakeLink& native = asking.join_native();
    static_cast<void>(native.sent());
    const auto heard = asking.ask({});
    CHECK(native.sent() == HubFixture::Log{R"({"name":"ask","id":0,"data":[]})"});
    native.text(R"({"id":0,"data":[7]})");
    CHECK(heard->ends == 1);
    CHECK(heard->replies.at(0).second == "7");
  }

  TEST_CASE("end at the deadline, once, with those that were silent by name") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    const auto heard = asking.ask({{"r"}, {}});
    a.link->text("30[1]");
    asking.pass(2s);
    CHECK(heard->ends == 1);
    CHECK(heard->error == AckError::timeout);
    CHECK(heard->missing == std::vector{b.id});
    b.link->text("30[2]");
    CHECK(heard->replies.size() == 1);
    CHECK(asking.counters.unknown_acks.value() == 1);
    asking.pass(2s);
    CHECK(heard->ends == 1);
  }

  TEST_CASE("do not wait for who leaves: it is missing at once") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    const auto heard = asking.ask({{"r"}, {}});
    b.link->end();
    CHECK(heard->ends == 0);
    a.link->text("30[1]");
    CHECK(heard->ends == 1);
    CHECK(heard->error == AckError::disconnected);
    CHECK(heard->missing == std::vector{b.id});
  }

  TEST_CASE("do not take whoever gets the place of one that has left for it") {
    Asking asking;
    const auto a = asking.member();
    const auto heard = asking.ask({{"r"}, {}});
    const auto b = asking.member();
    a.link->end();
    asking.turn();
    CHECK(heard->ends == 1);
    const auto again = asking.ask({{"r"}, {}});
    const auto late = asking.member();  // in the place of `a`
    late.link->text("31[1]");
    CHECK(again->replies.empty());
    CHECK(asking.counters.unknown_acks.value() == 1);
    b.link->text("31[1]");
    CHECK(again->ends == 1);
  }

  TEST_CASE("ignore and count answers of who was not asked, or has answered, and ids that nobody uses") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    const auto forger = asking.member("another room");
    const auto heard = asking.ask({{"r"}, {}});
    forger.link->text("30[666]");
    a.link->text("30[1]");
    a.link->text("30[2]");
    a.link->text("31[3]");
    CHECK(heard->replies == std::vector<std::pair<std::string, std::string>>{{a.id, "1"}});
    CHECK(asking.counters.unknown_acks.value() == 3);
    CHECK(heard->ends == 0);
  }

  TEST_CASE("end at once if nobody is selected") {
    Asking asking;
    asking.member();
    const auto heard = asking.ask({{"nobody is here"}, {}});
    CHECK(heard->targets == 0);
    CHECK(heard->ends == 1);
    CHECK_FALSE(heard->error);
  }

  TEST_CASE("count who missed a volatile one as asked and missing") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    b.link->result = SendResult::dropped;
    const auto heard = asking.ask({{"r"}, {}}, loop::Policy::drop);
    CHECK(heard->targets == 2);
    CHECK(heard->ends == 0);
    a.link->text("30[1]");
    CHECK(heard->ends == 1);
    CHECK(heard->error == AckError::timeout);
    CHECK(heard->missing == std::vector{b.id});
  }

  TEST_CASE("end with everybody missing when the server goes") {
    Asking asking;
    const auto a = asking.member();
    const auto heard = asking.ask({{"r"}, {}});
    asking.hub().close_all({.kind = Reason::server_shutting_down});
    asking.turn();
    CHECK(heard->ends == 1);
    CHECK(heard->error == AckError::disconnected);
    CHECK(heard->missing == std::vector{a.id});
  }

  TEST_CASE("let whoever hears an answer end its socket, or ask again") {
    Asking asking;
    const auto a = asking.member();
    const auto b = asking.member();
    const auto heard = asking.ask({{"r"}, {}});
    heard->when_replied = [&] { asking.nsp().select({{a.id}, {}}).at(0)->disconnect(); };
    std::shared_ptr<Heard> next;
    heard->when_done = [&] { next = asking.ask({{"r"}, {}}); };
    a.link->text("30[1]");
    CHECK(heard->ends == 0);
    b.link->end();
    CHECK(heard->ends == 1);
    CHECK(heard->missing == std::vector{b.id});
    REQUIRE(next);
    CHECK(next->targets == 0);
    CHECK(next->ends == 1);
  }
}

}  // namespace banter::test
