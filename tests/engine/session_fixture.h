// A session over a transport that writes down what it is given, with time that the test lets pass.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/session.h"
#include "engine/session_table.h"
#include "tests/support/test_loop.h"

namespace banter::test {

using Log = std::vector<std::string>;

class FakeTransport final : public engine::Transport {
 public:
  void send_open(std::string_view packet) override { send_packet(packet); }
  SendResult send_packet(std::string_view packet) override {
    sent.emplace_back(packet);
    return SendResult::sent;
  }
  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes>,
                  engine::Delivery) override {
    std::string packet = "4";
    for (const std::string_view part : parts)
      packet += part;
    return send_packet(packet);
  }
  SendResult send_binary(BytesView bytes, engine::Delivery) override { return send_packet(as_text(bytes)); }
  SendResult send_form(const base::SharedBytes& form, engine::Delivery) override {
    return send_packet(form.view());
  }
  [[nodiscard]] engine::FormKind form_kind(Compress) const noexcept override {
    return engine::FormKind::websocket;
  }
  Closing close(const DisconnectReason& reason) override {
    closed = reason;
    return closing;
  }
  [[nodiscard]] std::size_t buffered() const noexcept override { return 0; }
  [[nodiscard]] bool owes_drain() const noexcept override { return false; }

  Log sent;
  std::optional<DisconnectReason> closed;
  Closing closing = Closing::done;
};

class SessionFixture : public engine::LinkHandler {
 public:
  SessionFixture() {
    id = *table.next_id();
    session = &table.open(id, {"/", "127.0.0.1", false, {}});
    auto its_transport = std::make_unique<FakeTransport>();
    transport = its_transport.get();
    session->set_transport(std::move(its_transport));
    session->start(*this);
  }
  virtual ~SessionFixture() {
    if (!is_over) session->close({});
    loop.turn();
  }

  void packet(std::string_view text) { handler().on_packet(text); }
  [[nodiscard]] engine::TransportHandler& handler() { return session->transport_handler(); }
  void pass(loop::Milliseconds time) {
    loop.get().uv()->time += static_cast<std::uint64_t>(time.count());
    loop.get().wheel().advance(loop.get().now());
    loop.get().flush();
  }
  void end_turn() { loop.get().flush(); }
  [[nodiscard]] Log sent() { return std::exchange(transport->sent, {}); }  // until now; forgotten
  [[nodiscard]] Log heard() { return std::exchange(heard_, {}); }

  void on_open() override { heard_.emplace_back("open"); }
  void on_text(std::string_view text) override {
    heard_.push_back("text " + std::string(text));
    if (close_in_message) session->close({.kind = Reason::forced_close});
  }
  void on_binary(BytesView bytes) override { heard_.push_back("binary " + std::string(as_text(bytes))); }
  void on_close(const DisconnectReason& reason) override {
    heard_.push_back("close " + std::string(reason.text()));
    CHECK(session->send({}, {}, loop::Policy::queue) == SendResult::closed);
    CHECK(session->send_binary({}, loop::Policy::queue) == SendResult::closed);
    CHECK(session->send_form({}, loop::Policy::queue) == SendResult::closed);
    session->close({.kind = Reason::forced_close});  // too late to mean anything
    is_over = true;
  }

  TestLoop loop;
  engine::Settings settings{
      .ping_interval = loop::Milliseconds{300}, .ping_timeout = loop::Milliseconds{200}, .max_payload = 1000};
  engine::Counters counters;
  engine::SessionTable table{loop.get(), settings, counters, 3};
  engine::SessionId id;
  engine::Session* session = nullptr;
  FakeTransport* transport = nullptr;  // of the session
  bool is_over = false;
  bool close_in_message = false;

 private:
  Log heard_;
};

}  // namespace banter::test
