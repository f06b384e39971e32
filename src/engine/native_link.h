// Plain JSON events over a WebSocket: the link of a client without a library.
//
// Messages are handed up as they are; the heartbeat is WebSocket's own ping and pong (RFC 6455
// section 5.5.2).
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/handshake_record.h"
#include "engine/heartbeat.h"
#include "engine/link.h"
#include "engine/settings.h"
#include "websocket/connection.h"

namespace banter::engine {

class NativeTable;

// A resource of its NativeTable, which destroys it after on_close.
class NativeLink final : public Link,
                         public loop::Retired,
                         private websocket::ConnectionHandler,
                         private HeartbeatOwner {
 public:
  NativeLink(NativeTable& table, loop::StreamPtr stream, const websocket::Settings& settings,
             websocket::Counters& counters, HandshakeRecord handshake,
             std::unique_ptr<websocket::PermessageDeflate> deflate);

  // Begins to read; `behind_head` are bytes that came together with the request.
  void start(LinkHandler& handler, std::string_view behind_head);

  SendResult send(std::span<const std::string_view> parts, std::span<const base::SharedBytes> attachments,
                  Delivery delivery) override;
  SendResult send_form(const base::SharedBytes& form, Delivery delivery) override;
  [[nodiscard]] banter::Transport transport() const noexcept override { return banter::Transport::native; }
  [[nodiscard]] FormKind form_kind(Compress compress) const noexcept override;
  void close(DisconnectReason reason) override;
  [[nodiscard]] std::size_t buffered() const noexcept override {
    return connection_ ? connection_->buffered() : 0;
  }
  [[nodiscard]] bool is_reachable() const noexcept override { return true; }
  [[nodiscard]] HandshakeRecord& handshake() noexcept override { return handshake_; }

 private:
  void on_message(MessageKind kind, std::span<char> payload) override;
  void on_pong(std::string_view payload) override;
  void on_close(const websocket::CloseInfo& info) override;
  void on_drain() override { handler_->on_drain(); }
  void send_ping() override;
  void on_ping_timeout() override;
  void describe(DisconnectReason& reason) const;
  void end(const DisconnectReason& reason);

  NativeTable& table_;
  std::unique_ptr<websocket::Connection> connection_;  // null once closing
  LinkHandler* handler_ = nullptr;
  Heartbeat heartbeat_;
  loop::TimePoint last_heard_;
  HandshakeRecord handshake_;
};

// The plain JSON connections of one Worker.
class NativeTable {
 public:
  NativeTable(loop::Loop& loop, const Settings& settings, Counters& counters)
      : loop_(loop), settings_(settings), counters_(counters) {}
  NativeTable(const NativeTable&) = delete;
  NativeTable& operator=(const NativeTable&) = delete;

  // `deflate` is null without that extension.
  NativeLink& open(loop::StreamPtr stream, const websocket::Settings& settings, websocket::Counters& counters,
                   HandshakeRecord handshake,
                   std::unique_ptr<websocket::PermessageDeflate> deflate = nullptr);
  void release(NativeLink& link);  // destroys it after the turn

  [[nodiscard]] loop::Loop& loop() const noexcept { return loop_; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] Counters& counters() const noexcept { return counters_; }

 private:
  loop::Loop& loop_;
  const Settings& settings_;
  Counters& counters_;
  std::unordered_map<NativeLink*, std::unique_ptr<NativeLink>> links_;
};

}  // namespace banter::engine
