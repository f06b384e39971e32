// A session over a transport that writes down what it is given, with time that the test lets pass.
#include "engine/session.h"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/session_table.h"
#include "tests/support/test_loop.h"

namespace banter::engine {
namespace {

using loop::Milliseconds;
using Log = std::vector<std::string>;

class FakeTransport final : public Transport {
 public:
  FakeTransport(Log& sent, std::optional<DisconnectReason>& closed) : sent_(sent), closed_(closed) {}

  SendResult send_packet(std::string_view packet) override {
    sent_.emplace_back(packet);
    return SendResult::sent;
  }
  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes>,
                  loop::Policy) override {
    std::string packet = "4";
    for (const std::string_view part : parts)
      packet += part;
    return send_packet(packet);
  }
  SendResult send_form(const base::SharedBytes& form, loop::Policy) override {
    return send_packet(form.view());
  }
  [[nodiscard]] FormKind form_kind() const noexcept override { return FormKind::websocket; }
  void close(const DisconnectReason& reason) override { closed_ = reason; }
  [[nodiscard]] std::size_t buffered() const noexcept override { return 0; }

 private:
  Log& sent_;
  std::optional<DisconnectReason>& closed_;
};

class Fixture : public LinkHandler {
 public:
  Fixture() {
    id = *table.next_id();
    session = &table.open(id, std::make_unique<FakeTransport>(sent, closed), {"/", "127.0.0.1", false, {}});
    session->start(*this);
  }
  virtual ~Fixture() {
    session_close();
    loop.turn();
  }

  void packet(std::string_view text) { session->transport_handler().on_packet(text); }
  void pass(Milliseconds time) {
    loop.get().uv()->time += static_cast<std::uint64_t>(time.count());
    loop.get().wheel().advance(loop.get().now());
    loop.get().flush();
  }
  void end_turn() { loop.get().flush(); }
  Log take(Log& log) { return std::exchange(log, {}); }

  void on_text(std::string_view text) override {
    heard.push_back("text " + std::string(text));
    if (close_in_message) session->close({.kind = Reason::forced_close});
  }
  void on_binary(BytesView bytes) override { heard.push_back("binary " + std::string(as_text(bytes))); }
  void on_close(const DisconnectReason& reason) override {
    heard.push_back("close " + std::string(reason.text()));
    CHECK(session->send({}, {}, loop::Policy::queue) == SendResult::closed);
    session->close({.kind = Reason::forced_close});  // too late to mean anything
    is_over = true;
  }

  test::TestLoop loop;
  Settings settings{
      .ping_interval = Milliseconds{300}, .ping_timeout = Milliseconds{200}, .max_payload = 1000};
  Counters counters;
  SessionTable table{loop.get(), settings, counters, 3};
  SessionId id;
  Session* session = nullptr;
  Log sent, heard;
  std::optional<DisconnectReason> closed;
  bool is_over = false;
  bool close_in_message = false;

 private:
  void session_close() {
    if (!is_over) session->close({});
  }
};

}  // namespace

TEST_SUITE("engine session") {
  TEST_CASE_FIXTURE(Fixture, "begins with the open packet") {
    CHECK(sent == Log{"0{\"sid\":\"" + std::string(id.view()) +
                      R"(","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000})"});
    CHECK(counters.sessions.value() == 1);
    CHECK(place_of(id.view())->worker == 3);
  }

  TEST_CASE_FIXTURE(Fixture, "handles every packet of a client as the table says") {
    packet("4hello");
    packet("4");
    session->transport_handler().on_binary(as_bytes("\x01\x02"));
    CHECK(take(heard) == Log{"text hello", "text ", "binary \x01\x02"});
    for (const std::string_view ignored : {"3", "3x", "0", "0{}", "5", "5x", "6", "6x"})
      packet(ignored);
    CHECK(heard.empty());
    CHECK_FALSE(closed);
  }

  TEST_CASE("a packet that ends the session does so with its reason") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"1", "transport close"},      {"1x", "transport close"}, {"2", "transport error"},
        {"2probe", "transport error"}, {"", "parse error"},       {"7", "parse error"},
        {"{\"a\":1}", "parse error"},  {"b", "parse error"}};
    for (const auto& [text, reason] : rows) {
      CAPTURE(text);
      Fixture fixture;
      fixture.packet(text);
      CHECK(fixture.closed);
      CHECK(fixture.heard.empty());
      fixture.packet("4late");
      fixture.end_turn();
      CHECK(fixture.heard == Log{"close " + reason});
    }
  }

  TEST_CASE_FIXTURE(Fixture, "is told of its end at the end of the turn, once, and its id is unknown then") {
    CHECK(table.find(id.view()) == session);
    session->close({.kind = Reason::forced_close});
    session->close({.kind = Reason::transport_error});
    CHECK(heard.empty());
    CHECK(session->send({}, {}, loop::Policy::queue) == SendResult::closed);
    end_turn();
    CHECK(heard == Log{"close forced close"});
    CHECK(table.find(id.view()) == nullptr);
    CHECK(counters.sessions.value() == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "may be closed inside of what it tells") {
    close_in_message = true;
    packet("4a");
    packet("4b");
    end_turn();
    CHECK(heard == Log{"text a", "close forced close"});
  }

  TEST_CASE_FIXTURE(Fixture, "ends with its transport") {
    session->transport_handler().on_transport_end({.kind = Reason::transport_close});
    CHECK(heard == Log{"close transport close"});
    CHECK(table.find(id.view()) == nullptr);
    end_turn();
    pass(Milliseconds{1000});
    CHECK(sent.size() == 1);  // no ping any more
  }

  TEST_CASE_FIXTURE(Fixture, "an id is compared in whole, and a slot that is used again has another one") {
    std::string other(id.view());
    other.back() = other.back() == 'A' ? 'B' : 'A';
    CHECK(table.find(other) == nullptr);
    CHECK(table.find(id.view().substr(0, 23)) == nullptr);
    session->transport_handler().on_transport_end({});
    const SessionId next = *table.next_id();
    CHECK(place_of(next.view()) == place_of(id.view()));
    CHECK(table.find(next.view()) == nullptr);
    CHECK_FALSE(next == id);
  }
}

TEST_SUITE("engine heartbeat") {
  TEST_CASE_FIXTURE(Fixture, "pings ping_interval after the opening, then ping_interval after each pong") {
    sent.clear();
    pass(Milliseconds{299});
    CHECK(sent.empty());
    pass(Milliseconds{1});
    CHECK(take(sent) == Log{"2"});
    pass(Milliseconds{100});
    packet("3");
    pass(Milliseconds{299});
    CHECK(sent.empty());
    pass(Milliseconds{1});
    CHECK(take(sent) == Log{"2"});
    CHECK(counters.pings.value() == 2);
  }

  TEST_CASE_FIXTURE(Fixture, "no pong within ping_timeout ends the session") {
    pass(Milliseconds{300});
    pass(Milliseconds{199});
    CHECK(heard.empty());
    pass(Milliseconds{1});
    CHECK(heard == Log{"close ping timeout"});
    CHECK(closed->kind == Reason::ping_timeout);
  }

  TEST_CASE_FIXTURE(Fixture, "another packet restarts the deadline once per ping, later ones do not") {
    pass(Milliseconds{300});
    pass(Milliseconds{150});
    packet("4a");
    pass(Milliseconds{150});
    packet("4b");
    CHECK(take(heard) == Log{"text a", "text b"});
    pass(Milliseconds{49});
    CHECK(heard.empty());
    pass(Milliseconds{1});
    CHECK(heard == Log{"close ping timeout"});
  }

  TEST_CASE_FIXTURE(Fixture, "a pong that nobody asked for does not put off the next ping") {
    sent.clear();
    pass(Milliseconds{200});
    packet("3");
    pass(Milliseconds{100});
    CHECK(take(sent) == Log{"2"});
    packet("3");
    packet("3");
    pass(Milliseconds{300});
    CHECK(take(sent) == Log{"2"});
  }

  TEST_CASE_FIXTURE(Fixture, "messages while no pong is awaited change nothing") {
    sent.clear();
    pass(Milliseconds{200});
    packet("4a");
    pass(Milliseconds{100});
    CHECK(take(sent) == Log{"2"});
  }
}

}  // namespace banter::engine
