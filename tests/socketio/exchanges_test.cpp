// What breaks the rules, played by a client; the lines are shared with the JavaScript tests.
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/ack_ticket.h"
#include "socketio/error.h"
#include "tests/socketio/hub_fixture.h"
#include "tests/support/hex.h"

namespace banter::socketio {
namespace {

using test::FakeLink;
using test::HubFixture;
using Log = HubFixture::Log;

constexpr std::string_view from_client = "› ";
constexpr std::string_view from_server = "‹ ";

std::vector<json> broken_by_clients() {
  std::ifstream file(BANTER_TEST_VECTORS "/invalid_exchanges.json");
  const json all = json::parse(file);
  std::vector<json> exchanges;
  for (const json& exchange : all.at("exchanges")) {
    if (exchange.at("breaks") == "client") exchanges.push_back(exchange);
  }
  REQUIRE(exchanges.size() > 30);
  return exchanges;
}

// Ids that the server gives are written as the lines have them: C1, C2 ... in their order.
class Names {
 public:
  std::string replace(std::string packet) {
    constexpr std::string_view key = "{\"sid\":\"";
    const std::size_t found = packet.find(key);
    if (found == std::string::npos) return packet;
    return packet.replace(found + key.size(), 20, "C" + std::to_string(++count_));
  }

 private:
  int count_ = 0;
};

// The server that the lines are about.
class ExchangeFixture : public HubFixture {
 public:
  ExchangeFixture() {
    for (const std::string_view name : {"/", "/custom", "/slow"}) {
      on(
          "ack", [this](Call& call) { answer(call); }, name);
      on(
          "kick", [this](Call& call) { socket(call).disconnect(); }, name);
      log_event("disconnect", name);
    }
    use([this](const detail::SocketRef& ref, Next) { decide(ref, false); }, "/denied");
    use([this](const detail::SocketRef& ref, Next next) { undecided_.emplace_back(ref, std::move(next)); },
        "/slow");
    on("decide", [this](Call& call) {
      for (const auto& [ref, next] : std::exchange(undecided_, {}))
        decide(ref, true);
      answer(call);
    });
  }

  // Plays a client's line, or checks a server's.
  void play(FakeLink& link, std::string_view line) {
    CAPTURE(line);
    if (line.starts_with(from_client)) {
      send(link, line.substr(from_client.size()));
      if (link.is_open()) turn();
      for (std::string& packet : link.sent())
        append_messages(names_.replace(std::move(packet)));
    } else {
      REQUIRE_FALSE(received_.empty());
      CHECK(std::string(from_server) + received_.front() == line);
      received_.erase(received_.begin());
    }
  }
  [[nodiscard]] const Log& unexpected() const { return received_; }

 private:
  void decide(const detail::SocketRef& ref, bool accepts) {
    Socket* joining = hub().find(ref.slot);
    REQUIRE(joining);
    joining->decide(0, accepts, "denied", json{{"why", "role"}});
  }
  // With the arguments of the call.
  void answer(const Call& call) {
    if (!call.ack) return;
    std::string text = "[";
    Encoder out(text);
    encode_arguments(out, call.args);
    socket(call).send_ack(call.ack->id, view_of(out, 0));
  }
  static void send(FakeLink& link, std::string_view message) {
    constexpr std::string_view binary = "binary ";
    if (message.starts_with(binary)) {
      link.binary(test::from_hex(std::string(message.substr(binary.size()))));
    } else {
      REQUIRE(message.starts_with('4'));  // the Engine.IO type, which is not this layer's
      link.text(message.substr(1));
    }
  }
  // A packet, and its attachments, which FakeLink has put behind it.
  void append_messages(const std::string& packet) {
    const std::size_t attachments =
        packet.starts_with('5') || packet.starts_with('6') ? packet.find(' ') : std::string::npos;
    received_.push_back("4" + packet.substr(0, attachments));
    if (attachments != std::string::npos) received_.push_back("binary " + packet.substr(attachments + 1));
  }

  std::vector<std::pair<detail::SocketRef, Next>> undecided_;
  Names names_;
  Log received_;
};

bool is_of_state(std::error_code error) {
  return error == Error::not_connected || error == Error::already_connected ||
         error == Error::unexpected_packet;
}

void check_end(ExchangeFixture& fixture, FakeLink& link, const json& exchange) {
  if (exchange.at("end") == "open") {
    CHECK(link.is_open());
    return;
  }
  REQUIRE_FALSE(link.is_open());
  CHECK(is_of_state(link.closed_with.error) == (exchange.at("kind") == "state"));
  for (const json& line : exchange.value("behind", json::array()))
    fixture.play(link, line.get<std::string>());
  fixture.log.clear();  // of namespaces that were left before
  fixture.turn();
  CHECK(fixture.log.empty() == !exchange.contains("reason"));
  for (const std::string& line : fixture.log)
    CHECK(line == "disconnect " + exchange.at("reason").get<std::string>());
}

}  // namespace

TEST_SUITE("socketio exchanges") {
  TEST_CASE("a client that breaks a rule ends its connection, and no other") {
    for (const json& exchange : broken_by_clients()) {
      const std::string title = exchange.at("title");
      CAPTURE(title);
      ExchangeFixture fixture;
      FakeLink& link = fixture.connect();
      for (const json& line : exchange.at("lines"))
        fixture.play(link, line.get<std::string>());
      CHECK(fixture.unexpected().empty());
      check_end(fixture, link, exchange);
      CHECK(fixture.unexpected().empty());
    }
  }
}

}  // namespace banter::socketio
