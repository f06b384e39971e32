// One client in one namespace.
//
//   joining --(middlewares accept)--> joined --> leaving --> left
//      \--(refused, or the client goes)------------------------^
//
// While joining, packets of the client wait; in `disconnecting` rooms are still set, in `disconnect` they are
// gone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "banter/error.h"
#include "banter/function.h"
#include "banter/handshake.h"
#include "banter/invocation.h"
#include "banter/json.h"
#include "banter/reason.h"
#include "banter/recovery.h"
#include "banter/send_result.h"
#include "engine/link.h"
#include "loop/loop.h"
#include "socketio/ack_table.h"
#include "socketio/definition.h"
#include "socketio/packet.h"
#include "socketio/payload.h"
#include "socketio/recovery.h"
#include "socketio/room_index.h"

namespace banter::socketio {

class Client;
class Hub;
class Namespace;

// How an event is sent.
struct EmitFlags {
  bool is_volatile = false;
  bool compress = true;
  std::optional<loop::Milliseconds> ack_timeout;
  bool is_latest = false;  // takes the place of what waits with the same key; prevails over is_volatile
  std::string key;

  // Points into `key`.
  [[nodiscard]] engine::Delivery delivery() const noexcept {
    const Compress compresses = compress ? Compress::yes : Compress::no;
    if (is_latest) return {loop::Policy::latest, compresses, key};
    return {is_volatile ? loop::Policy::drop : loop::Policy::queue, compresses};
  }
};

// A resource of its Client, on one Worker.
class Socket final : public RoomMember, public AckRunner, public loop::Retired {
 public:
  enum class State : std::uint8_t { joining, joined, leaving, left };

  Socket(Client& client, Namespace& nsp, detail::SocketRef ref, std::string auth);
  ~Socket() override;

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool is_joined() const noexcept { return state_ == State::joined; }
  [[nodiscard]] Namespace& nsp() const noexcept { return nsp_; }
  [[nodiscard]] Client& client() const noexcept { return client_; }
  [[nodiscard]] const detail::SocketRef& ref() const noexcept { return ref_; }
  [[nodiscard]] std::string_view id() const noexcept { return ref_.id_view(); }

  // Runs the middlewares; then CONNECT and the connection handlers, or CONNECT_ERROR.
  void begin_joining();

  // The decision about middleware `step`; ignored if that one is not awaited.
  void decide(std::size_t step, bool is_accepted, std::string message, json data);

  // A packet of this namespace, with all its attachments; kept until the socket has joined. An error means
  // that the peer broke a rule with it.
  [[nodiscard]] std::error_code deliver(const Packet& packet, std::string_view text,
                                        std::span<const Bytes> attachments);

  // Takes `callback` unless it answers `closed` or `dropped`.
  SendResult emit(const Payload& payload, const EmitFlags& flags, detail::AckCallback&& callback);
  void send_ack(std::uint64_t id, const Payload& payload);

  // The server leaves the namespace: DISCONNECT, then the handlers. No effect unless joined. The first waits
  // for what this Worker has emitted and the event log has not delivered yet.
  void disconnect();
  void disconnect_now();

  // The socket is over, whoever ended it. Runs the handlers and frees the slot.
  void leave(const DisconnectReason& reason);

  void join(std::string_view room);
  void leave_room(std::string_view room);
  [[nodiscard]] std::vector<std::string> rooms() const;

  void on(std::string_view event, detail::HandlerShape shape, detail::Handler handler);
  void off(std::string_view event) noexcept;

  // Whether this is a client that came back, with its rooms, its data and what it missed; or why it is not.
  // In middlewares it may still turn out that it cannot be.
  [[nodiscard]] bool recovered() const noexcept { return recovery_failure() == RecoveryFailure::none; }
  [[nodiscard]] RecoveryFailure recovery_failure() const noexcept {
    return recovery_ ? recovery_->failure : RecoveryFailure::not_asked;
  }
  [[nodiscard]] std::string_view pid() const noexcept {
    return recovery_ ? std::string_view(recovery_->pid) : std::string_view{};
  }

  // It was sent an event with this offset, if that is one.
  void note_sent(std::string_view offset) {
    if (recovery_ && !offset.empty()) recovery_->last_sent = offset;
  }

  void on_drain(Function<void()> handler);

  // What was left over for the client has fallen to half of high_water: tells the handlers of a joined
  // socket.
  void drained();

  [[nodiscard]] json& data() noexcept { return data_; }
  [[nodiscard]] Handshake handshake() const;

 private:
  struct Joining;
  struct OwnHandler {
    std::string event;
    std::shared_ptr<detail::Handler> handler;  // also held by a running call
  };

  void advance();
  void run_middleware(Middleware& middleware);
  void on_middleware_timeout();
  void refuse(std::string_view message, const json& data);
  void accept();
  void join_namespace(const std::vector<LogEntryPtr>& missed);
  void run_connection_handlers();

  // Recovery (restoring.cpp).
  template <class Answer>
  [[nodiscard]] Reply<Answer> reply_to(void (Socket::*method)(Answer));
  [[nodiscard]] bool begin_restoring();
  void take_session(RecoveryRequest request);
  void on_session(TakenSession taken);
  void ask_for_missed();
  void on_missed(MissedEvents missed);
  void become_fresh(RecoveryFailure why);
  void restore_rooms();
  void send_missed(const std::vector<LogEntryPtr>& missed);
  void begin_session();
  void end_session(Reason reason);
  SendResult emit_through_log(const Payload& payload, const EmitFlags& flags, detail::AckCallback&& callback);

  void log_leaving(const DisconnectReason& reason) const;
  void take_ack(std::uint64_t id, const Args& args);
  [[nodiscard]] std::error_code hold(std::string_view text, std::span<const Bytes> attachments);
  void deliver_event(const Packet& packet, const Args& args);
  void run_handler(detail::Handler& handler, Problem::Where where, std::string_view event,
                   detail::Invocation& call);
  bool run_own_handlers(Problem::Where where, std::string_view event, detail::Invocation& call);
  void run_local(std::vector<detail::Handler>& handlers, std::string_view event,
                 const DisconnectReason* reason);
  void await_ack(std::uint64_t id, const EmitFlags& flags, detail::AckCallback&& callback);
  void run_ack(detail::AckCallback& callback, detail::AckAnswer& answer) override;
  [[nodiscard]] Problem problem(Problem::Where where, std::string_view event) const;
  [[nodiscard]] Hub& hub() const noexcept;

  friend class Namespace;

  Client& client_;
  Namespace& nsp_;
  detail::SocketRef ref_;
  std::uint64_t walk_ = 0;    // the last walk over several rooms that came by
  std::uint32_t place_ = 0;   // among all sockets of the namespace
  bool in_own_room_ = false;  // the one named by its id
  State state_ = State::joining;
  std::string auth_;  // JSON text; empty if none was sent
  json data_;
  std::unique_ptr<Joining> joining_;
  std::unique_ptr<AckTable> acks_;
  std::unique_ptr<RecoveryState> recovery_;
  std::vector<OwnHandler> handlers_;
  std::unique_ptr<std::vector<Function<void()>>> drain_handlers_;  // null: none, as for most sockets
};

}  // namespace banter::socketio
