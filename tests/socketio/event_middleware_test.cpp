// Middlewares that decide about each event: at once or later, in order, bounded.
#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

#include "socketio/error.h"
#include "socketio/joining.h"
#include "tests/socketio/hub_fixture.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;
using namespace std::chrono_literals;

// Middlewares here do not decide with Next, which leads through a server, but by what it leads to.
class EventMiddlewareFixture : public HubFixture {
 public:
  enum class Answer { accepts, refuses, waits };

  EventMiddleware deciding(const std::string& name, Answer answer) {
    return
        [this, name, answer](const detail::SocketRef& ref, std::string_view event, const Args&, Next next) {
          log.push_back(name + " " + std::string(event));
          kept.push_back(std::move(next));
          ++calls;
          if (answer != Answer::waits)
            hub().find(ref.slot)->decide_event(calls, answer == Answer::accepts, "denied");
        };
  }
  void use_event(const std::string& name, Answer answer) {
    registry.get("/").handlers.event_middlewares.push_back(deciding(name, answer));
  }
  void accept(std::uint64_t call) { only_socket().decide_event(call, true, {}); }
  void refuse(std::uint64_t call) { only_socket().decide_event(call, false, "denied"); }

  std::vector<Next> kept;
  std::uint64_t calls = 0;  // of one socket's middlewares, which is how they are counted
};
using Answer = EventMiddlewareFixture::Answer;

}  // namespace

TEST_SUITE("socketio event middleware") {
  TEST_CASE_FIXTURE(EventMiddlewareFixture,
                    "is asked behind catch-alls and ahead of handlers, the namespace's first") {
    log_event("e");
    registry.get("/").handlers.any.emplace_back(
        [this](const detail::SocketRef&, std::string_view, const Args&) { log.emplace_back("any"); });
    use_event("nsp", Answer::accepts);
    FakeLink& link = join();
    only_socket().use(deciding("own", Answer::accepts));
    link.text("2[\"e\",1]");
    CHECK(log == Log{"any", "nsp e", "own e", "e(1)"});
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "that refuses drops the event: reported, counted, not answered") {
    on("e", [this](Call& call) { answer(socket(call), 7, 1); });
    use_event("1", Answer::refuses);
    use_event("2", Answer::accepts);
    FakeLink& link = join();
    link.text("27[\"e\"]");
    CHECK(log == Log{"1 e"});
    CHECK(problems == Log{"2 e denied"});
    CHECK(counters.refused_events.value() == 1);
    CHECK(link.sent().empty());
    CHECK(link.is_open());
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "that decides later makes later events wait behind, in order") {
    log_event("e");
    use_event("m", Answer::waits);
    FakeLink& link = join();
    link.text("2[\"e\",1]");
    link.text("2[\"e\",2]");
    link.text("2[\"e\",3]");
    CHECK(take_log() == Log{"m e"});
    accept(1);
    CHECK(take_log() == Log{"e(1)", "m e"});
    refuse(2);
    CHECK(take_log() == Log{"m e"});
    link.text("2[\"e\",4]");
    accept(3);
    accept(4);
    CHECK(log == Log{"e(3)", "m e", "e(4)"});
    link.text("2[\"e\",5]");
    accept(5);
    CHECK(log.back() == "e(5)");
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "waits at each of several, and keeps attachments") {
    on("bin", [this](Call& call) { log.push_back(std::string(as_text(call.args.get<Bytes>(0)->span()))); });
    use_event("1", Answer::waits);
    use_event("2", Answer::waits);
    FakeLink& link = join();
    link.text("51-[\"bin\",{\"_placeholder\":true,\"num\":0}]");
    link.binary("abc");
    link.text("51-[\"bin\",{\"_placeholder\":true,\"num\":0}]");
    link.binary("def");
    accept(1);
    accept(2);
    CHECK(take_log() == Log{"1 bin", "2 bin", "abc", "1 bin"});
    accept(3);
    accept(4);
    CHECK(take_log() == Log{"2 bin", "def"});
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "acknowledgements and other namespaces do not wait") {
    registry.get("/other");
    log_event("e", "/other");
    use_event("m", Answer::waits);
    FakeLink& link = join();
    link.text("0/other,");
    emit_with(
        only_socket(), {}, [this](detail::AckAnswer&) { log.emplace_back("answered"); }, "q");
    link.text("2[\"e\"]");
    link.text("30[]");
    link.text("2/other,[\"e\"]");
    CHECK(log == Log{"m e", "answered", "e()"});
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "that decides a second time, or too late, changes nothing") {
    log_event("e");
    use_event("m", Answer::waits);
    FakeLink& link = join();
    link.text("2[\"e\",1]");
    link.text("2[\"e\",2]");
    accept(1);
    accept(1);
    CHECK(take_log() == Log{"m e", "e(1)", "m e"});
    pass(settings.middleware_timeout);
    CHECK(problems == Log{"2 e timeout"});
    accept(2);
    CHECK(log.empty());
    link.text("2[\"e\",3]");
    accept(2);
    accept(3);
    CHECK(take_log() == Log{"m e", "e(3)"});
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "has its own time for each event") {
    log_event("e");
    use_event("m", Answer::waits);
    FakeLink& link = join();
    link.text("2[\"e\",1]");
    link.text("2[\"e\",2]");
    pass(settings.middleware_timeout - 1ms);
    accept(1);
    pass(settings.middleware_timeout - 1ms);
    accept(2);
    CHECK(take_log() == Log{"m e", "e(1)", "m e", "e(2)"});
    CHECK(problems.empty());
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "that throws refuses") {
    log_event("e");
    registry.get("/").handlers.event_middlewares.emplace_back(
        [](const detail::SocketRef&, std::string_view, const Args&, Next) {
          throw std::runtime_error("broken");
        });
    FakeLink& link = join();
    link.text("2[\"e\"]");
    CHECK(log.empty());
    CHECK(problems == Log{"2 e broken", "2 e internal error"});
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "more than max_held behind a waiting event ends the client") {
    settings.max_held = 1000;
    use_event("m", Answer::waits);
    FakeLink& link = join();
    link.text("2[\"e\",\"" + std::string(5000, 'x') + "\"]");  // the one that waits is bounded as a packet
    CHECK(link.is_open());
    link.text("2[\"e\",\"" + std::string(500, 'x') + "\"]");
    CHECK(link.is_open());
    link.text("2[\"e\",\"" + std::string(500, 'x') + "\"]");
    CHECK(link.closed_with.error == Error::held_too_much);
    turn();
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "may end the socket, before or after it has decided") {
    log_event("e");
    use_event("m", Answer::waits);
    FakeLink& link = join();
    Socket& socket = only_socket();
    link.text("2[\"e\",1]");
    link.text("2[\"e\",2]");
    socket.disconnect();
    socket.decide_event(1, true, {});
    CHECK(take_log() == Log{"m e"});
    turn();
    pass(settings.middleware_timeout);
    CHECK(problems.empty());
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "a handler that ends the socket drops what still waits") {
    on("e", [this](Call& call) {
      log.push_back("e" + text_of(call));
      socket(call).disconnect();
    });
    use_event("m", Answer::waits);
    FakeLink& link = join();
    link.text("2[\"e\",1]");
    link.text("2[\"e\",2]");
    accept(1);
    CHECK(log == Log{"m e", "e(1)"});
    turn();
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "events that were held while joining go through it") {
    log_event("e");
    use_event("m", Answer::waits);
    std::vector<Next> joining;
    use([&](const detail::SocketRef&, Next next) { joining.push_back(std::move(next)); });
    FakeLink& link = connect();
    link.text("0");
    link.text("2[\"e\",1]");
    link.text("2[\"e\",2]");
    const detail::Slot slot{0, 1};
    hub().find(slot)->decide(0, true, {}, nullptr);
    accept(1);
    accept(2);
    CHECK(log == Log{"m e", "e(1)", "m e", "e(2)"});
  }

  TEST_CASE_FIXTURE(EventMiddlewareFixture, "a client on plain JSON waits just the same") {
    log_event("e");
    use_event("m", Answer::waits);
    FakeLink& link = join_native();
    link.text(R"({"name":"e","data":[1]})");
    link.text(R"({"name":"e","data":[2]})");
    accept(1);
    accept(2);
    CHECK(log == Log{"m e", "e(1)", "m e", "e(2)"});
  }
}

}  // namespace banter::socketio
