// Links over real WebSockets on 127.0.0.1.
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/native_link.h"
#include "engine/websocket_transport.h"
#include "loop/error.h"
#include "loop/listener.h"
#include "tests/support/hex.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_loop.h"
#include "tests/support/websocket_frames.h"

namespace banter::engine {
namespace {

using test::from_hex;
using test::RawClient;

class Fixture : public loop::AcceptHandler, public LinkHandler, public TransportHandler {
 public:
  Fixture() { listener_.emplace(loop.get(), *this, stream_settings_, "127.0.0.1", 0); }
  virtual ~Fixture() = default;

  RawClient connect() {
    RawClient client(listener_->bound().port, [this] { loop.turn(); });
    REQUIRE(loop.run_until([this] { return stream != nullptr; }));
    return client;
  }
  NativeLink& open_native() {
    return natives.open(std::move(stream), settings, websocket_counters, {"/ws", "127.0.0.1", false, {}});
  }
  bool wait_for(std::size_t count) {
    return loop.run_until([this, count] { return heard.size() >= count; });
  }

  void on_accept(loop::StreamPtr accepted) override { stream = std::move(accepted); }
  void on_text(std::string_view text) override { heard.push_back("text " + std::string(text)); }
  void on_binary(BytesView bytes) override { heard.push_back("binary " + test::to_hex(as_text(bytes))); }
  void on_close(const DisconnectReason& reason) override {
    heard.push_back("close " + std::string(reason.text()));
  }
  void on_packet(std::string_view packet) override { heard.push_back("packet " + std::string(packet)); }
  void on_transport_end(const DisconnectReason& reason) override { on_close(reason); }

  test::TestLoop loop;
  Settings engine_settings;
  Counters counters;
  websocket::Settings settings{.linger = loop::Milliseconds{200}};
  websocket::Counters websocket_counters;
  NativeTable natives{loop.get(), engine_settings, counters};
  loop::StreamPtr stream;
  std::vector<std::string> heard;

 private:
  loop::Settings stream_settings_;
  std::optional<loop::Listener> listener_;
};

}  // namespace

TEST_SUITE("engine native link") {
  TEST_CASE_FIXTURE(Fixture, "hands messages up, sends text, and leaves with 4000 and the reason") {
    RawClient client = connect();
    NativeLink& link = open_native();
    link.start(*this, test::client_text("{}"));
    CHECK(heard == std::vector<std::string>{"text {}"});
    const std::string_view text = "{\"id\":1}";
    CHECK(link.send(std::span(&text, 1), {}, loop::Policy::queue) == SendResult::sent);
    CHECK(client.read(10) == "\x81\x08{\"id\":1}");
    link.close({.kind = Reason::forced_close});
    CHECK(client.read(16) == from_hex("88 0e 0f a0") + "forced close");
    CHECK(heard.back() == "close forced close");
    CHECK(counters.native.value() == 0);
    client.send(test::client_close(4000));
    client.read_to_end();
  }

  TEST_CASE_FIXTURE(Fixture, "can be closed before it is started, and goes when the peer has answered") {
    RawClient client = connect();
    NativeLink& link = open_native();
    link.close({.close_code = 4401, .detail = "denied"});
    link.start(*this, {});
    CHECK(client.read(10) == from_hex("88 08 11 31") + "denied");
    CHECK(heard == std::vector<std::string>{"close transport close"});
    client.send(test::client_text("{}") + test::client_close(4401));
    CHECK(client.read_to_end().empty());
    CHECK(client.state() == RawClient::State::ended);
    CHECK(heard.size() == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "ends with the peer's close frame") {
    RawClient client = connect();
    open_native().start(*this, {});
    client.send(test::client_close(1000));
    REQUIRE(wait_for(1));
    CHECK(heard.back() == "close transport close");
    client.read_to_end();
  }
}

TEST_SUITE("engine websocket transport") {
  TEST_CASE_FIXTURE(Fixture, "sends a packet a message, attachments as binary messages") {
    RawClient client = connect();
    WebSocketTransport transport(std::move(stream), settings, websocket_counters, BinaryMessages::plain);
    transport.start(*this, {});
    const std::array<std::string_view, 2> parts{"51-[\"e\"", "]"};
    const base::SharedBytes bytes = base::SharedBytes::take(std::string("\x01\x02"));
    CHECK(transport.send(parts, std::span(&bytes, 1), loop::Policy::queue) == SendResult::sent);
    CHECK(client.read(15) ==
          "\x81\x09"
          "451-[\"e\"]" +
              from_hex("82 02 01 02"));
    client.send(test::client_text("4a") + test::client_text("bAQI=") + test::client_text("bAQI") +
                test::client_binary("\x03"));
    REQUIRE(wait_for(4));
    CHECK(heard == std::vector<std::string>{"packet 4a", "binary 01 02", "packet ", "binary 03"});
    client.close();
    REQUIRE(wait_for(5));
    CHECK(heard.back().starts_with("close transport"));
  }

  TEST_CASE_FIXTURE(Fixture, "sends attachments as base64 packets to clients that take no binary") {
    RawClient client = connect();
    WebSocketTransport transport(std::move(stream), settings, websocket_counters, BinaryMessages::as_base64);
    transport.start(*this, {});
    const std::string_view text = "51-[\"e\"]";
    const base::SharedBytes bytes = base::SharedBytes::take(std::string("\x01\x02\x03\x04"));
    transport.send(std::span(&text, 1), std::span(&bytes, 1), loop::Policy::queue);
    CHECK(client.read(22) ==
          "\x81\x09"
          "451-[\"e\"]"
          "\x81\x09"
          "bAQIDBA==");
    client.close();
    REQUIRE(wait_for(1));
  }

  TEST_CASE_FIXTURE(Fixture, "can be closed before it is started, as the second one of a session is") {
    RawClient client = connect();
    auto transport = std::make_unique<WebSocketTransport>(std::move(stream), settings, websocket_counters,
                                                          BinaryMessages::plain);
    transport->close({});
    transport.reset();
    CHECK(client.read(2) == from_hex("88 00"));
    client.send(test::client_text("2probe") + test::client_close());
    CHECK(client.read_to_end().empty());
    CHECK(heard.empty());
  }

  TEST_CASE("tells how a WebSocket's end is to be called") {
    using websocket::CloseCode;
    using websocket::CloseInfo;
    CHECK(to_reason({CloseInfo::By::peer, CloseCode::normal, "bye", {}}).kind == Reason::transport_close);
    CHECK(to_reason({CloseInfo::By::peer, CloseCode::normal, "bye", {}}).close_code == 1000);
    CHECK(to_reason({CloseInfo::By::peer, CloseCode::abnormal, "", {}}).close_code == 0);
    const auto reset = std::make_error_code(std::errc::connection_reset);
    CHECK(to_reason({CloseInfo::By::peer, CloseCode::abnormal, "", reset}).kind == Reason::transport_error);
    CHECK(to_reason({CloseInfo::By::us, CloseCode::abnormal, "", loop::Error::slow_consumer}).kind ==
          Reason::slow_consumer);
    CHECK(to_reason({CloseInfo::By::us, CloseCode::abnormal, "", loop::Error::stalled}).kind ==
          Reason::slow_consumer);
  }
}

}  // namespace banter::engine
