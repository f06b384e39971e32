// A polling transport behind real HTTP connections, and a handler that treats packets as a session does.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/polling_transport.h"
#include "tests/http/test_server.h"

namespace banter::test {

class PollingFixture : public engine::TransportHandler {
 public:
  using Log = std::vector<std::string>;

  PollingFixture() {
    using http::Incoming, http::Request, http::Responder;
    settings.max_payload = 1000;
    server.plan = [this](const Request& request, Incoming& incoming) {
      ++heads;
      return transport->begin_post(request, incoming);
    };
    server.handler = [this](Request& request, Responder responder) {
      request.method == "GET" ? transport->poll(request, std::move(responder))
                              : transport->post(request, std::move(responder));
      if (on_request) on_request();
    };
  }

  virtual ~PollingFixture() = default;

  // --- the client ---

  // Sends a GET; returns when the turn in which it arrives is over.
  void poll(http::TestClient& client, std::string_view headers = {}) {
    const std::size_t before = server.paths.size();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n");
    server.run_until_true([&] { return server.paths.size() > before; });
  }
  [[nodiscard]] http::Answer poll_at_once(http::TestClient& client) {
    poll(client);
    REQUIRE_FALSE(transport_holds(client));
    return client.answer();
  }
  [[nodiscard]] static std::string post_head(std::size_t length, std::string_view headers = {}) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n" +
           std::string(headers) + "\r\n";
  }
  [[nodiscard]] http::Answer post(http::TestClient& client, std::string_view body,
                                  std::string_view headers = {}) {
    client.send(post_head(body.size(), headers).append(body));
    return client.answer();
  }
  // Sends a part of a POST; returns when its head has arrived.
  void begin_post(http::TestClient& client, std::string_view part = "4a", std::size_t length = 10) {
    const int before = heads;
    client.send(post_head(length).append(part));
    server.run_until_true([&] { return heads > before; });
  }
  // Whether no answer comes, though everything that is ready is done.
  [[nodiscard]] bool transport_holds(http::TestClient& client) {
    for (int turn = 0; turn < 5; ++turn)
      uv_run(server.loop.uv(), UV_RUN_NOWAIT);
    return client.received().empty();
  }

  // --- the server ---

  SendResult send(std::string_view text, engine::Delivery delivery = {}) {
    return transport->send(std::span(&text, 1), {}, delivery);
  }
  void end_turn() { server.loop.flush(); }
  void pass(loop::Milliseconds time) {
    server.loop.uv()->time += static_cast<std::uint64_t>(time.count());
    server.loop.wheel().advance(server.loop.now());
    server.loop.flush();
  }
  void wait_for(std::size_t count) {
    server.run_until_true([&] { return heard.size() >= count; });
  }

  void on_packet(std::string_view packet) override {
    heard.push_back("packet " + std::string(packet));
    if (packet.empty()) transport->close({.kind = Reason::parse_error});
    if (packet == "1") transport->close({.kind = Reason::transport_close});
    if (packet == "4close") transport->close({.kind = Reason::forced_close});
  }
  void on_binary(BytesView bytes) override { heard.push_back("binary " + std::string(as_text(bytes))); }
  void on_transport_end(const DisconnectReason& reason) override {
    heard.push_back("end " + std::string(reason.text()));
    CHECK(send("late") == SendResult::closed);
  }

  http::TestServer server{{.body_timeout = std::chrono::hours{1}, .idle_timeout = std::chrono::hours{1}}};
  engine::Settings settings;
  std::unique_ptr<engine::PollingTransport> transport =
      std::make_unique<engine::PollingTransport>(server.loop, settings, *this);
  Function<void()> on_request;  // in the turn of each request
  Log heard;
  int heads = 0;
};

}  // namespace banter::test
