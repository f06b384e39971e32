// A link without a network: it writes down what is sent, and the test says what the peer does.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/handshake_record.h"
#include "engine/link.h"
#include "loop/loop.h"

namespace banter::test {

class FakeLink final : public engine::Link {
 public:
  explicit FakeLink(loop::Loop& loop, engine::FormKind kind = engine::FormKind::websocket)
      : loop_(loop), kind_(kind) {
    handshake_.add_header("User-Agent", "test");
    handshake_.add_header("X-Kept", "yes");
  }

  // What the peer does. Nothing of it arrives once the link is closed, as with a real one.
  void text(std::string_view text) {
    const std::string copy(text);  // of exactly its size: reading past the end shows
    if (is_open()) handler_->on_text(copy);
  }
  void upgrade() { handler_->on_upgrade(); }
  void binary(std::string_view bytes) {
    const std::string copy(bytes);
    if (is_open()) handler_->on_binary(as_bytes(copy));
  }
  void end(DisconnectReason reason = {}) {
    if (!is_open()) return;
    is_open_ = false;
    handler_->on_close(reason);
  }

  // Packets sent so far, attachments in hex behind a blank; they are forgotten.
  [[nodiscard]] std::vector<std::string> sent() { return std::exchange(sent_, {}); }
  [[nodiscard]] bool is_open() const { return is_open_; }

  // The peer has taken what was left over.
  void drain() { handler_->on_drain(); }

  void set_handler(engine::LinkHandler& handler) { handler_ = &handler; }

  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes> attachments,
                  engine::Delivery delivery) override {
    if (!is_open_) return SendResult::closed;
    note(delivery);
    if (result == SendResult::dropped) return result;
    std::string packet;
    for (const std::string_view part : parts)
      packet += part;
    for (const base::SharedBytes& bytes : attachments)
      append_binary(packet, bytes.view());
    sent_.push_back(std::move(packet));
    return result;
  }
  SendResult send_form(const base::SharedBytes& form, engine::Delivery delivery) override {
    if (!is_open_) return SendResult::closed;
    note(delivery);
    if (result == SendResult::dropped) return result;
    sent_.push_back(packet_in(form.view()));
    return result;
  }
  [[nodiscard]] engine::FormKind form_kind(Compress) const noexcept override { return kind_; }
  void close(DisconnectReason reason) override {
    if (!std::exchange(is_open_, false)) return;
    closed_with = reason;
    loop_.defer(
        [this, why = std::make_unique<DisconnectReason>(std::move(reason))] { handler_->on_close(*why); });
  }
  [[nodiscard]] Transport transport() const noexcept override {
    return kind_ == engine::FormKind::native ? Transport::native : Transport::websocket;
  }
  [[nodiscard]] std::size_t buffered() const noexcept override { return 0; }
  [[nodiscard]] bool is_reachable() const noexcept override { return is_reachable_now; }
  [[nodiscard]] engine::HandshakeRecord& handshake() noexcept override { return handshake_; }

  SendResult result = SendResult::sent;  // of whatever is sent
  bool is_reachable_now = true;
  engine::Delivery last_delivery;  // but for the key, which is gone
  std::string last_key;
  DisconnectReason closed_with;

 private:
  void note(engine::Delivery delivery) {
    last_key = delivery.key;
    last_delivery = {delivery.policy, delivery.compress};
  }
  static void append_binary(std::string& packet, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    packet += ' ';
    for (const char c : bytes) {
      packet += digits[static_cast<unsigned char>(c) >> 4];
      packet += digits[static_cast<unsigned char>(c) & 0x0F];
    }
  }

  // Takes the frames of a form apart: short ones (RFC 6455 section 5.2), the text with its Engine.IO type.
  [[nodiscard]] std::string packet_in(std::string_view form) const {
    std::string packet;
    while (!form.empty()) {
      const bool is_text = form[0] == '\x81';
      const auto length = static_cast<std::size_t>(form[1]);
      REQUIRE(length < 126);
      const std::string_view payload = form.substr(2, length);
      if (!is_text) {
        append_binary(packet, payload);
      } else {
        packet += kind_ == engine::FormKind::native ? payload : payload.substr(1);
      }
      form.remove_prefix(2 + length);
    }
    return packet;
  }

  loop::Loop& loop_;
  engine::FormKind kind_;
  engine::LinkHandler* handler_ = nullptr;
  engine::HandshakeRecord handshake_{"/socket.io/?EIO=4", "127.0.0.1", false, {}};
  std::vector<std::string> sent_;
  bool is_open_ = true;
};

}  // namespace banter::test
