// How an Engine.IO session's packets travel. A session has one; while it is upgraded a Probe has the next.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "banter/bytes.h"
#include "banter/reason.h"
#include "banter/send_result.h"
#include "base/shared_bytes.h"
#include "engine/link.h"
#include "loop/output_queue.h"

namespace banter::engine {

// Whom a transport tells. Any call may close the transport, none destroys it before it returns.
class TransportHandler {
 public:
  virtual void on_packet(std::string_view packet) = 0;  // text, type character included; valid UTF-8
  virtual void on_binary(BytesView bytes) = 0;

  // As LinkHandler::on_drain.
  virtual void on_drain() {}

  // The last call, exactly once, never from inside a call of its own on the transport. After close() only if
  // that lingers.
  virtual void on_transport_end(const DisconnectReason& reason) = 0;

 protected:
  ~TransportHandler() = default;
};

// Hands on a text packet as it came: binary data in base64 is decoded, and what cannot be is handed on as an
// empty packet, which is as invalid.
void deliver(TransportHandler& handler, std::string_view packet);

class PollingTransport;

class Transport {
 public:
  virtual ~Transport() = default;

  // The first packet of a session; leaves at once.
  virtual void send_open(std::string_view packet) = 0;

  // A packet that is not a message, as the ping.
  virtual SendResult send_packet(std::string_view packet) = 0;

  // Messages as Link::send has them.
  virtual SendResult send(std::span<const std::string_view> parts,
                          std::span<const base::SharedBytes> attachments, Delivery delivery) = 0;
  virtual SendResult send_binary(BytesView bytes, Delivery delivery) = 0;  // without a text in front
  virtual SendResult send_form(const base::SharedBytes& form, Delivery delivery) = 0;
  [[nodiscard]] virtual FormKind form_kind(Compress compress) const noexcept = 0;

  // Sends what is queued, then ends. Nothing that the peer sends is told any more.
  enum class Closing {
    done,     // whatever becomes of this object
    lingers,  // the client has to fetch the rest with a request of its own: on_transport_end follows
  };
  virtual Closing close(const DisconnectReason& reason) = 0;

  [[nodiscard]] virtual std::size_t buffered() const noexcept = 0;
  [[nodiscard]] virtual bool is_reachable() const noexcept { return true; }

  // True from what passed high_water until on_drain.
  [[nodiscard]] virtual bool owes_drain() const noexcept = 0;

  // This, if it is one that takes requests; else null.
  [[nodiscard]] virtual PollingTransport* polling() noexcept { return nullptr; }
};

}  // namespace banter::engine
