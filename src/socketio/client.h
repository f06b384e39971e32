// One connection and the namespaces it has joined.
//
// Its link brings packets: events go to the sockets, CONNECTs make them. An invalid packet ends the whole
// connection.
//
//   idle --(packet with attachments)--> collecting --(the last one arrived)--> idle
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/link.h"
#include "loop/loop.h"
#include "loop/timer_wheel.h"
#include "socketio/packet.h"
#include "socketio/payload.h"
#include "socketio/socket.h"
#include "socketio/token_bucket.h"

namespace banter::socketio {

class Hub;

// WebSocket close codes of plain JSON connections; an Engine.IO session ends without one.
namespace close_code {
inline constexpr std::uint16_t not_text = 1003;
inline constexpr std::uint16_t not_an_event = 1007;
inline constexpr std::uint16_t policy_violation = 1008;  // what has the right shape, and passes a limit
inline constexpr std::uint16_t left_by_server = 4000;
inline constexpr std::uint16_t refused = 4401;
inline constexpr std::uint16_t not_joined = 4408;
}  // namespace close_code

// What clients of both dialects have in common. Owned by the Hub until its link has closed.
class Client : public engine::LinkHandler, public loop::Retired {
 public:
  Client(Hub& hub, engine::Link& link);
  ~Client() override;

  [[nodiscard]] Hub& hub() const noexcept { return hub_; }
  [[nodiscard]] engine::Link& link() const noexcept { return link_; }

  // Packets of `socket`; in the link's dialect.
  virtual SendResult send_event(const Socket& socket, const Payload& payload, std::optional<std::uint64_t> id,
                                engine::Delivery delivery) = 0;
  virtual void send_ack(const Socket& socket, const Payload& payload, std::uint64_t id) = 0;
  virtual void send_connect(const Socket& socket) = 0;
  virtual void send_refusal(const Socket& socket, std::string_view message, const json& data) = 0;
  virtual void send_disconnect(const Socket& socket) = 0;

  // A message that was held while its namespace was being joined.
  virtual void replay(std::string_view text, std::span<const Bytes> attachments) = 0;

  // A socket has joined: the connection may stay.
  void has_joined();

  // `socket` is over: it is destroyed after the turn.
  void release(Socket& socket);

  // Whether packets' binary values are attachments or base64 strings.
  [[nodiscard]] virtual BinaryForm binary_form() const noexcept = 0;

  // Whether a lost client may come back as the same socket.
  [[nodiscard]] virtual bool can_recover() const noexcept { return false; }

  // Leaves every namespace, says so, and closes the connection. See Socket::disconnect().
  void disconnect();
  void disconnect_now();

  // Closes the connection; all sockets end with `reason`.
  void close(DisconnectReason reason);

  // Closes the connection because what is kept of the peer's packets is too much for the process.
  void end_for_budget();

  // True from close() on: nothing of the peer is delivered any more.
  [[nodiscard]] bool is_closing() const noexcept { return is_closing_; }

  void on_upgrade() final;
  void on_drain() final;
  void on_close(const DisconnectReason& reason) final;

 protected:
  // Ends the connection because of what the peer sent.
  void fail(std::error_code error);

  // Takes an event out of the allowance of Settings::event_rate. False if that is spent: the connection then
  // closes.
  [[nodiscard]] bool allow_event();

  // Null, and the connection closes, if no id could be made.
  Socket* add_socket(Namespace& nsp, std::string auth);
  [[nodiscard]] Socket* first_socket() const noexcept {
    return sockets_.empty() ? nullptr : sockets_.front().get();
  }
  [[nodiscard]] Socket* find(std::string_view nsp) const noexcept;
  [[nodiscard]] std::size_t namespaces() const noexcept { return sockets_.size(); }

 private:
  friend class Hub;
  void on_connect_timeout();
  template <class Call>
  void for_each_socket(Call call);
  [[nodiscard]] bool is_native() const noexcept;

  // What only a connection that has joined nothing yet needs.
  struct Joining {
    explicit Joining(Client& client)
        : deadline(client, loop::Deadline::Calls<&Client::on_connect_timeout>{}) {}
    loop::Deadline deadline;
  };

  Hub& hub_;
  engine::Link& link_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::unique_ptr<TokenBucket> events_;  // null: no limit
  std::unique_ptr<Joining> joining_;     // null once a namespace was joined
  std::size_t place_ = 0;                // in the Hub
  bool is_closing_ = false;
};

}  // namespace banter::socketio
