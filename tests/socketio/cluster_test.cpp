// One process among others: an adapter that plays the others, and what passes between it and the sockets
// here.
#include "socketio/cluster.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "banter/on.h"
#include "socketio/client.h"
#include "socketio/memory_adapter.h"
#include "socketio/socket.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::test {

namespace {

using namespace std::chrono_literals;
using socketio::Collector;
using socketio::Gathered;
using socketio::Gathering;
using socketio::Operation;
using socketio::Presence;
using socketio::Reach;
using socketio::Request;
using socketio::Selector;
using Strings = std::vector<std::string>;

// Writes down what it is handed, and keeps the collector for the test to answer.
class FakeAdapter final : public socketio::Adapter {
 public:
  void start(socketio::AdapterHub& its_hub, Function<void()> done) override {
    hub = &its_hub;
    ready = std::move(done);
  }
  void stop() override { calls.emplace_back("stop"); }
  [[nodiscard]] bool reaches_others() const noexcept override { return true; }
  void publish(const Operation& operation) override {
    calls.push_back("publish " + std::string(operation.nsp) + " " + std::string(operation.event.json));
    for (const std::string& room : operation.rooms)
      calls.back() += room;
  }
  void request(const Request& request, std::shared_ptr<Collector> collector) override {
    calls.push_back("request " + std::string(request.nsp) + " " + std::string(request.event.json));
    timeout = request.timeout;
    asked = std::move(collector);
  }
  void interest(std::string_view nsp, std::string_view room, Presence presence, Function<void()>) override {
    calls.push_back((presence == Presence::present ? "+" : "-") + std::string(nsp) + " " + std::string(room));
  }
  [[nodiscard]] socketio::EventLog* log() noexcept override { return nullptr; }

  Strings take_calls() { return std::exchange(calls, {}); }

  socketio::AdapterHub* hub = nullptr;
  Function<void()> ready;
  Strings calls;
  std::shared_ptr<Collector> asked;
  std::optional<loop::Milliseconds> timeout;
};

// What a callback for answers has heard.
struct Outcome {
  int calls = 0;
  std::error_code error;
  Answers<int> answers;

  auto callback() {
    return [this](std::error_code with, Answers<int> all) {
      ++calls;
      error = with;
      answers = std::move(all);
    };
  }
};

// What another process hears of the answers here.
struct Remote final : Collector {
  void on_targets(std::size_t more) override { targets += more; }
  void on_reply(std::string_view, const detail::RawArgument& value) override {
    replies.emplace_back(value.text);
  }
  void on_sockets(std::vector<SocketRecord> found) override { sockets = std::move(found); }
  void on_rooms(std::vector<RoomInfo> found) override { rooms = std::move(found); }
  void on_count(std::size_t value) override { count = value; }
  void on_done(std::error_code, std::vector<std::string>) override { ++ends; }

  std::size_t targets = 0;
  Strings replies;
  std::vector<SocketRecord> sockets;
  std::vector<RoomInfo> rooms;
  std::size_t count = 0;
  int ends = 0;
};

// An event's text, as a Payload looks at it.
struct Event {
  explicit Event(std::string text) : json(std::move(text)) {}
  [[nodiscard]] socketio::Payload view() const { return {json, json.find_first_of(",", 1)}; }
  std::string json;
};

class Process : public HubFixture {
 public:
  socketio::Cluster& cluster() {
    if (!cluster_) {
      cluster_.emplace(hub(), adapter);
      cluster_->start([this] { is_ready = true; });
      turn();
    }
    return *cluster_;
  }
  ~Process() override {
    hub().close_all({.kind = Reason::server_shutting_down});
    turn();
    cluster_.reset();
  }

  FakeLink& join_room(const std::string& room) {
    FakeLink& link = join();
    nsp().select({}).back()->join(room);
    return link;
  }
  void publish(Operation operation, Reach reach = Reach::cluster) { cluster().publish(0, operation, reach); }
  void ask(Outcome& outcome, const Selector& selector, Reach reach = Reach::cluster) {
    const Event event(R"(["ask",1)");
    cluster().request(0, {.kind = Request::Kind::ask, .selector = selector, .event = event.view()},
                      std::make_shared<Gathering>(*this, "", detail::make_answer_sink(outcome.callback())),
                      reach);
  }
  // Asks for anything but events.
  std::shared_ptr<std::optional<Gathered>> query(Request::Kind kind, const Selector& selector = {},
                                                 Reach reach = Reach::cluster) {
    auto answer = std::make_shared<std::optional<Gathered>>();
    cluster().request(0, {.kind = kind, .selector = selector},
                      std::make_shared<Gathering>(
                          *this, "query", [answer](Gathered& all) { answer->emplace(std::move(all)); }),
                      reach);
    return answer;
  }

  FakeAdapter adapter;
  bool is_ready = false;

 private:
  std::optional<socketio::Cluster> cluster_;
};

const detail::RawArgument five{"5"};

}  // namespace

TEST_SUITE("cluster") {
  TEST_CASE("is ready when its adapter says so") {
    Process process;
    process.cluster();
    CHECK_FALSE(process.is_ready);
    process.adapter.ready();
    CHECK(process.is_ready);
  }

  TEST_CASE("does an operation here, then hands it to the others, unless it stays in this process") {
    Process process;
    process.cluster();
    FakeLink& link = process.join_room("r");
    process.adapter.take_calls();
    const Selector room{{"r"}, {}};
    const Event event(R"(["hi",1)");
    process.publish({.kind = Operation::Kind::broadcast, .selector = room, .event = event.view()});
    CHECK(link.sent() == Strings{R"(2["hi",1])"});
    CHECK(process.adapter.take_calls() == Strings{R"(publish / ["hi",1)"});
    process.publish({.kind = Operation::Kind::broadcast, .selector = room, .event = event.view()},
                    Reach::process);
    CHECK(link.sent() == Strings{R"(2["hi",1])"});
    CHECK(process.adapter.take_calls().empty());
    const Strings rooms{"s", "t"};
    process.publish({.kind = Operation::Kind::join, .selector = room, .rooms = rooms});
    CHECK(process.adapter.take_calls() == Strings{"+/ s", "+/ t", "publish / st"});
    process.publish({.kind = Operation::Kind::leave, .selector = room, .rooms = rooms});
    CHECK(process.adapter.take_calls() == Strings{"-/ s", "-/ t", "publish / st"});
    process.publish({.kind = Operation::Kind::disconnect, .selector = room});
    CHECK(link.sent() == Strings{"1"});
    CHECK(process.adapter.take_calls() == Strings{"-/ r", "publish / "});
  }

  TEST_CASE(
      "does and asks things in all instances of a rule, and ends what is asked of a namespace that is gone") {
    Process process;
    const std::uint32_t rule =
        process.registry.add_rule("", [](std::string_view, const json&) { return true; }).id;
    process.cluster();
    FakeLink& a = process.join("/a");
    FakeLink& b = process.join("/b");
    process.adapter.take_calls();
    const Event event(R"(["hi")");
    const Selector everyone;
    process.cluster().publish(
        rule, {.kind = Operation::Kind::broadcast, .selector = everyone, .event = event.view()},
        Reach::process);
    CHECK(a.sent() == Strings{R"(2/a,["hi"])"});
    CHECK(b.sent() == Strings{R"(2/b,["hi"])"});
    for (const std::uint32_t nsp : {rule, std::uint32_t{77}}) {
      std::optional<std::size_t> count;
      process.cluster().request(
          nsp, {.kind = Request::Kind::count, .selector = everyone},
          std::make_shared<Gathering>(process, "count", [&](Gathered& all) { count = all.count; }),
          Reach::process);
      process.turn();
      CHECK(count == (nsp == rule ? 2 : 0));
    }
  }

  TEST_CASE("does what other processes want, and does not hand that on") {
    Process process;
    process.cluster();
    FakeLink& link = process.join_room("r");
    process.adapter.take_calls();
    const Selector room{{"r"}, {}};
    const Event event(R"(["hi",1)");
    socketio::AdapterHub& hub = *process.adapter.hub;
    hub.apply({.kind = Operation::Kind::broadcast, .nsp = "/", .selector = room, .event = event.view()});
    CHECK(link.sent() == Strings{R"(2["hi",1])"});
    hub.apply(
        {.kind = Operation::Kind::broadcast, .nsp = "/unknown", .selector = room, .event = event.view()});
    hub.apply({.kind = Operation::Kind::disconnect, .nsp = "/", .selector = room, .closes_connection = true});
    CHECK_FALSE(link.is_open());
    CHECK(process.adapter.take_calls() == Strings{"-/ r"});
  }

  TEST_CASE("brings answers of this process and of others together") {
    Process process;
    process.cluster();
    FakeLink& link = process.join();
    Outcome outcome;
    process.ask(outcome, {});
    CHECK(process.adapter.take_calls() == Strings{R"(request / ["ask",1)"});
    CHECK(process.adapter.timeout == process.settings.ack_timeout);
    link.text("30[1]");
    process.turn();
    CHECK(outcome.calls == 0);
    process.adapter.asked->on_targets(1);
    process.adapter.asked->on_reply("elsewhere", five);
    process.adapter.asked->on_done({}, {});
    CHECK(outcome.calls == 1);
    CHECK_FALSE(outcome.error);
    CHECK(outcome.answers.expected == 2);
    CHECK(outcome.answers.values == std::vector{1, 5});
    CHECK(outcome.answers.from.back() == "elsewhere");
    CHECK(outcome.answers.missing.empty());
  }

  TEST_CASE("ignores what another process says behind its end") {
    Process process;
    process.cluster();
    Outcome outcome;
    process.ask(outcome, {});
    process.turn();
    const std::shared_ptr<Collector> late = process.adapter.asked;
    late->on_done({}, {});
    CHECK(outcome.calls == 1);
    late->on_targets(1);
    late->on_reply("late", five);
    late->on_done(AckError::timeout, {"late"});
    CHECK(outcome.calls == 1);
    CHECK(outcome.answers.values.empty());
  }

  TEST_CASE("tells the worst that has happened: a deadline, then somebody who left, then a bad answer") {
    struct Case {
      const char* answer;
      std::error_code elsewhere;
      std::error_code expected;
    };
    const Case cases[] = {
        {"30[1]", {}, {}},
        {R"(30["x"])", {}, AckError::bad_reply},
        {"30[]", {}, AckError::bad_reply},
        {R"(30["x"])", AckError::disconnected, AckError::disconnected},
        {"1", {}, AckError::disconnected},
        {"1", AckError::timeout, AckError::timeout},
        {"30[1]", AckError::timeout, AckError::timeout},
    };
    for (const Case& each : cases) {
      CAPTURE(each.answer);
      Process process;
      process.cluster();
      FakeLink& link = process.join();
      Outcome outcome;
      process.ask(outcome, {});
      process.turn();
      process.adapter.asked->on_done(each.elsewhere, {});
      link.text(each.answer);
      CHECK(outcome.calls == 1);
      CHECK(outcome.error == each.expected);
      CHECK(outcome.answers.missing.size() == (std::string_view(each.answer) == "30[1]" ? 0 : 1));
      CHECK(outcome.answers.expected == 1);
    }
  }

  TEST_CASE("never calls back inside the call, and does not ask others what concerns this process alone") {
    Process process;
    process.cluster();
    Outcome outcome;
    process.ask(outcome, {}, Reach::process);
    CHECK(outcome.calls == 0);
    process.turn();
    CHECK(outcome.calls == 1);
    CHECK_FALSE(outcome.error);
    CHECK(outcome.answers.expected == 0);
    CHECK(process.adapter.take_calls().empty());
  }

  TEST_CASE("adds up sockets, rooms, members and processes") {
    Process process;
    process.cluster();
    process.join_room("r");
    process.join_room("r");
    const auto count = process.query(Request::Kind::count, {{"r"}, {}});
    process.adapter.asked->on_count(3);
    process.adapter.asked->on_done({}, {});
    process.turn();
    REQUIRE(count->has_value());
    CHECK((*count)->count == 5);
    const auto servers = process.query(Request::Kind::servers);
    process.adapter.asked->on_count(1);
    process.adapter.asked->on_done({}, {});
    process.turn();
    CHECK((*servers)->count == 2);
    const auto rooms = process.query(Request::Kind::rooms);
    process.adapter.asked->on_rooms({{"s", 0}});
    process.adapter.asked->on_done({}, {});
    process.turn();
    REQUIRE((*rooms)->rooms.size() == 2);
    CHECK((*rooms)->rooms[0].name == "r");
    CHECK((*rooms)->rooms[0].size == 2);
    CHECK((*rooms)->rooms[1].name == "s");
    const auto sockets = process.query(Request::Kind::sockets);
    process.turn();
    CHECK_FALSE(sockets->has_value());
    process.adapter.asked->on_sockets({{"elsewhere", {}, {}, nullptr}});
    process.adapter.asked->on_done(AckError::timeout, {"n3"});
    REQUIRE(sockets->has_value());
    CHECK((*sockets)->error == AckError::timeout);
    CHECK((*sockets)->sockets.size() == 3);
    CHECK((*sockets)->sockets[0].rooms.back() == "r");
  }

  TEST_CASE("answers other processes for this one") {
    Process process;
    process.cluster();
    FakeLink& link = process.join_room("r");
    socketio::AdapterHub& hub = *process.adapter.hub;
    const Selector room{{"r"}, {}};
    const Event event(R"(["ask",1)");
    const auto remote = std::make_shared<Remote>();
    hub.answer(
        {.kind = Request::Kind::ask, .nsp = "/", .selector = room, .event = event.view(), .timeout = 1s},
        remote);
    CHECK(remote->targets == 1);
    CHECK(link.sent() == Strings{R"(20["ask",1])"});
    link.text("30[8]");
    CHECK(remote->replies == Strings{"8"});
    CHECK(remote->ends == 1);
    hub.answer({.kind = Request::Kind::sockets, .nsp = "/", .selector = room}, remote);
    CHECK(remote->sockets.size() == 1);
    hub.answer({.kind = Request::Kind::rooms, .nsp = "/", .selector = room}, remote);
    CHECK(remote->rooms.size() == 1);
    hub.answer({.kind = Request::Kind::count, .nsp = "/", .selector = room}, remote);
    CHECK(remote->count == 1);
    hub.answer({.kind = Request::Kind::count, .nsp = "/unknown", .selector = room}, remote);
    CHECK(remote->ends == 5);
  }

  TEST_CASE("runs the handlers for other servers' events, and answers if they do") {
    Process process;
    Strings heard;
    auto& events = process.registry.get("/").handlers.server_events;
    events["tell"].push_back(
        detail::socket_handler([&](std::string text) { heard.push_back(text); }).handler);
    events["ask"].push_back(detail::socket_handler([&](int value, Ack<int> ack) {
                              ack(value + 1);
                              ack(0);
                            }).handler);
    process.cluster();
    socketio::AdapterHub& hub = *process.adapter.hub;
    const Selector nobody;
    const auto send = [&](const char* text, const std::shared_ptr<Collector>& collector) {
      const Event event(text);
      if (!collector) {
        hub.apply(
            {.kind = Operation::Kind::server_event, .nsp = "/", .selector = nobody, .event = event.view()});
      } else {
        hub.answer(
            {.kind = Request::Kind::server_event, .nsp = "/", .selector = nobody, .event = event.view()},
            collector);
      }
    };
    const auto remote = std::make_shared<Remote>();
    send(R"(["tell","x")", nullptr);
    send(R"(["tell",1)", nullptr);
    send(R"(["nobody hears this")", remote);
    send(R"(["ask",1)", nullptr);
    CHECK(heard == Strings{"x"});
    CHECK(process.counters.misfit_events.value() == 1);
    CHECK(process.problems.size() == 1);
    CHECK(remote->ends == 0);
    send(R"(["ask",1)", remote);
    CHECK(remote->replies == Strings{"2"});
    CHECK(remote->ends == 1);
  }

  TEST_CASE("events for servers are not for this one") {
    Process process;
    int calls = 0;
    process.registry.get("/").handlers.server_events["tell"].push_back(
        detail::socket_handler([&] { ++calls; }).handler);
    const Event event(R"(["tell")");
    const Selector nobody;
    process.publish({.kind = Operation::Kind::server_event, .selector = nobody, .event = event.view()});
    CHECK(process.adapter.take_calls() == Strings{R"(publish / ["tell")"});
    CHECK(calls == 0);
  }

  TEST_CASE("ends what is asked after its end, and hands nothing on any more") {
    Process process;
    process.cluster().stop();
    process.cluster().stop();
    Outcome outcome;
    process.ask(outcome, {});
    process.turn();
    CHECK(outcome.calls == 1);
    CHECK(outcome.error == AckError::disconnected);
    const Event event(R"(["hi")");
    const Selector everyone;
    process.publish({.kind = Operation::Kind::broadcast, .selector = everyone, .event = event.view()});
    CHECK(process.adapter.take_calls() == Strings{"stop"});
  }

  TEST_CASE("what a callback throws is reported") {
    Process process;
    process.cluster();
    Outcome outcome;
    process.cluster().request(
        0, {.kind = Request::Kind::count, .selector = {}},
        std::make_shared<Gathering>(process, "count", [](Gathered&) { throw std::runtime_error("oh"); }),
        Reach::process);
    process.turn();
    REQUIRE(process.problems.size() == 1);
    CHECK(process.problems[0].ends_with("count oh"));
  }

  TEST_CASE("rooms come and go: handlers hear of it afterwards, in order") {
    Process process;
    Strings heard;
    auto& handlers = process.registry.get("/").handlers;
    handlers.room_created.emplace_back(
        [&](std::string_view room) { heard.push_back("+" + std::string(room)); });
    handlers.room_deleted.emplace_back(
        [&](std::string_view room) { heard.push_back("-" + std::string(room)); });
    process.cluster();
    FakeLink& a = process.join_room("r");
    CHECK(heard.empty());
    FakeLink& b = process.join_room("r");
    a.end();
    process.nsp().select({}).back()->join("s");
    b.end();
    process.turn();
    CHECK(heard == Strings{"+r", "+s", "-s", "-r"});
  }
}

TEST_SUITE("memory adapter") {
  TEST_CASE("is ready at once, and nobody else is there") {
    HubFixture fixture;
    socketio::MemoryAdapter adapter;
    socketio::Cluster cluster(fixture.hub(), adapter);
    bool is_ready = false;
    cluster.start([&] { is_ready = true; });
    CHECK(is_ready);
    CHECK_FALSE(adapter.reaches_others());
    CHECK(adapter.log() == nullptr);
    const auto remote = std::make_shared<Remote>();
    adapter.request({.kind = Request::Kind::servers, .nsp = "/", .selector = {}}, remote);
    CHECK(remote->ends == 1);
    CHECK(remote->count == 0);
    bool is_heard = false;
    adapter.interest("/", "r", Presence::present, [&] { is_heard = true; });
    CHECK(is_heard);
  }
}

}  // namespace banter::test
