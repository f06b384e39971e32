// An endpoint behind real HTTP connections, with an owner and a link handler that write down what they hear.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/endpoint.h"
#include "tests/http/test_server.h"
#include "tests/support/socketio_client.h"
#include "tests/support/websocket_frames.h"

namespace banter::test {

class EndpointFixture : public engine::EndpointOwner, public engine::LinkHandler {
 public:
  using Log = std::vector<std::string>;

  EndpointFixture() {
    using http::Incoming, http::Request, http::Responder;
    server.plan = [this](const Request& request, Incoming& incoming) {
      ++heads;
      return endpoint->on_head(request, incoming);
    };
    server.handler = [this](Request& request, Responder responder) {
      endpoint->on_request(request, std::move(responder));
    };
    server.upgrade_handler = [this](http::Request& request, http::Upgrade upgrade) {
      ++upgrades;
      endpoint->on_upgrade(request, std::move(upgrade));
    };
  }
  virtual ~EndpointFixture() { server.loop.flush(); }  // what sessions have put off to the turn's end

  // --- the client ---

  [[nodiscard]] static std::string head(std::string_view method, std::string_view query,
                                        std::string_view headers = {}) {
    std::string text(method);
    text.append(" /engine.io/?").append(query).append(" HTTP/1.1\r\nHost: x\r\n").append(headers);
    return text.append("\r\n");
  }
  [[nodiscard]] static http::Answer request(http::TestClient& client, std::string_view method,
                                            std::string_view query, std::string_view body = {}) {
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    client.send(head(method, query, body.empty() ? std::string_view() : length).append(body));
    return client.answer(method);
  }
  // Opens a session; its id is `sid` from now on.
  void open(http::TestClient& client) {
    const http::Answer answer = request(client, "GET", "EIO=4&transport=polling");
    REQUIRE_MESSAGE(answer.body.starts_with("0{\"sid\":\""), answer.body);
    sid = answer.body.substr(9, engine::session_id_size);
    REQUIRE(endpoint->sessions().find(sid) == session);
  }
  [[nodiscard]] std::string polling() const { return "EIO=4&transport=polling&sid=" + sid; }
  [[nodiscard]] std::string websocket() const { return "EIO=4&transport=websocket&sid=" + sid; }
  // A poll; returns when the turn in which it arrives is over.
  void poll(http::TestClient& client) {
    const std::size_t before = server.paths.size();
    client.send(head("GET", polling()));
    server.run_until_true([&] { return server.paths.size() > before; });
  }
  void begin_post(http::TestClient& client, std::string_view part, std::size_t length) {
    const int before = heads;
    client.send(head("POST", polling(), "Content-Length: " + std::to_string(length) + "\r\n").append(part));
    server.run_until_true([&] { return heads > before; });
  }
  // Whether nothing comes, though everything that is ready is done.
  [[nodiscard]] bool is_quiet(http::TestClient& client) {
    turn();
    return client.received().empty() && !client.is_over();
  }

  // --- the server ---

  SendResult send(std::string_view text, engine::Delivery delivery = {}) {
    return session->send(std::span(&text, 1), {}, delivery);
  }
  SendResult send_binary(std::string_view bytes) { return session->send_binary(as_bytes(bytes), {}); }
  void end_turn() { server.loop.flush(); }
  void turn() {
    for (int i = 0; i < 5; ++i)
      uv_run(server.loop.uv(), UV_RUN_NOWAIT);
  }
  // Lets time pass without waiting: libuv's cached time is moved on. The next turn sets it right again, so a
  // time that is set there ends as if nothing had passed before.
  void pass(loop::Milliseconds time) {
    passed_ += time;
    uv_update_time(server.loop.uv());
    server.loop.uv()->time += static_cast<std::uint64_t>(passed_.count());
    server.loop.wheel().advance(server.loop.now());
    server.loop.flush();
  }
  void wait_for(std::size_t count) {
    server.run_until_true([&] { return heard.size() >= count; });
  }

  engine::LinkHandler& accept(engine::Session& opened) override {
    session = &opened;
    return *this;
  }
  [[nodiscard]] bool is_origin_allowed(const http::Request& request) const override {
    return request.header("Origin") != "http://evil.example";
  }
  [[nodiscard]] bool decides() const noexcept override { return decide_with.has_value(); }
  void decide(const http::Request& request, std::uint64_t handshake) override {
    asked.push_back(request.query);
    last_handshake = handshake;
    if (*decide_with) (*decide_with)();
  }
  void on_opening(const http::Request&, http::Exchange& exchange, const engine::SessionId&) override {
    exchange.add_header("Set-Cookie", "io=1");
  }
  void on_refused(const http::Request&, const engine::Refusal& refusal, std::string_view message) override {
    refused.push_back(std::to_string(static_cast<int>(refusal.code)) + " " + std::string(refusal.context) +
                      ": " + std::string(message));
  }
  void on_open() override {
    heard.emplace_back("open");
    if (when_open) when_open();
  }
  void on_text(std::string_view text) override { heard.push_back("text " + std::string(text)); }
  void on_binary(BytesView bytes) override { heard.push_back("binary " + std::string(as_text(bytes))); }
  void on_drain() override { heard.emplace_back("drain"); }
  void on_close(const DisconnectReason& reason) override {
    heard.push_back("close " + std::string(reason.text()));
  }

  engine::Settings settings;
  engine::Counters counters;
  websocket::Settings websocket_settings{.linger = loop::Milliseconds{200}};
  websocket::Counters websocket_counters;
  http::TestServer server{{.body_timeout = std::chrono::hours{9}, .idle_timeout = std::chrono::hours{9}}};
  std::unique_ptr<engine::Endpoint> endpoint =
      std::make_unique<engine::Endpoint>(engine::Endpoint::Context{server.loop, settings, websocket_settings,
                                                                   counters, websocket_counters, nullptr, 7},
                                         *this);
  std::string sid;
  engine::Session* session = nullptr;  // the one opened last
  int heads = 0;                       // of requests with a body
  int upgrades = 0;                    // requests

  std::optional<Function<void()>> decide_with;  // set: handshakes wait; it may decide at once
  std::uint64_t last_handshake = 0;
  Log asked, refused, heard;
  Function<void()> when_open;

 private:
  loop::Milliseconds passed_{};
};

// A WebSocket of a session, or one that opens a session.
class WebSocketPeer {
 public:
  // `behind_head` goes out together with the request. The answer to that is awaited.
  WebSocketPeer(EndpointFixture& fixture, std::string_view query, std::string_view behind_head = {},
                std::string headers = {})
      : fixture_(fixture), client(fixture.server.connect()) {
    client.send(
        upgrade_request({.target = "/engine.io/?" + std::string(query), .headers = std::move(headers)})
            .append(behind_head));
    answer = client.answer();
  }

  void send(std::string_view text) { client.send(client_text(text)); }

  // The next message; a close frame as "(close 1000)", 0 being none, and the end of TCP as "(end)".
  std::string read() {
    std::string message;
    fixture_.server.run_until_true([&] { return take(message) || client.is_over(); });
    return message.empty() ? "(end)" : message;
  }
  [[nodiscard]] bool is_quiet() {
    fixture_.turn();
    return client.received().size() == taken_ && !client.is_over();
  }

 private:
  // Frames of up to 125 bytes, and longer ones (RFC 6455 section 5.2).
  bool take(std::string& message) {
    const std::string_view rest = std::string_view(client.received()).substr(taken_);
    if (rest.size() < 2) return false;
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(rest[i])}; };
    std::size_t begin = 2, length = byte(1);
    if (length == 126) {
      if (rest.size() < 4) return false;
      begin = 4;
      length = byte(2) * 256 + byte(3);
    }
    if (rest.size() < begin + length) return false;
    message = rest.substr(begin, length);
    if (byte(0) == 0x82) message.insert(0, "binary ");
    if (byte(0) == 0x88) {
      message = "(close " + std::to_string(length < 2 ? 0 : byte(begin) * 256 + byte(begin + 1)) + ")";
    }
    taken_ += begin + length;
    return true;
  }

  EndpointFixture& fixture_;
  std::size_t taken_ = 0;

 public:
  http::TestClient client;
  http::Answer answer;
};

}  // namespace banter::test
