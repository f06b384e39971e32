// A WebSocket that wants to take over a polling session.
//
//   waiting --2probe--> probed --5--> (taken over)
//      \                   \-- as below
//       \-- any other packet, WebSocket lost, upgrade_timeout --> (given up)
//
// Each 2probe is answered 3probe. Nothing else is sent here before the 5.
#pragma once

#include <memory>

#include "engine/transport.h"
#include "engine/websocket_transport.h"
#include "loop/loop.h"
#include "loop/time.h"
#include "loop/timer_wheel.h"

namespace banter::engine {

// Whom a probe tells. Any call may retire the probe.
class ProbeOwner {
 public:
  virtual void on_probed() = 0;    // once
  virtual void on_upgrade() = 0;   // the last call: take over take()
  virtual void on_given_up() = 0;  // the last call: the WebSocket is closed

 protected:
  ~ProbeOwner() = default;
};

class Probe final : public loop::Retired, private TransportHandler {
 public:
  Probe(loop::Loop& loop, std::unique_ptr<WebSocketTransport> transport, ProbeOwner& owner);
  ~Probe() override;

  // Begins to read; `behind_head` are bytes that came together with the request.
  void start(loop::Milliseconds timeout, std::string_view behind_head);

  // The WebSocket; its next packet goes to `handler`.
  [[nodiscard]] std::unique_ptr<WebSocketTransport> take(TransportHandler& handler);

  // The session has ended: closes the WebSocket, and the owner is not told.
  void close();

 private:
  void on_packet(std::string_view text) override;
  void on_binary(BytesView bytes) override;
  void on_transport_end(const DisconnectReason& reason) override;
  void on_timeout();
  void give_up();

  loop::Loop& loop_;
  std::unique_ptr<WebSocketTransport> transport_;
  ProbeOwner& owner_;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Probe::on_timeout>{}};
  bool is_probed_ = false;
};

}  // namespace banter::engine
