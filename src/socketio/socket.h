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
#include "banter/handler_id.h"
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
#include "socketio/listeners.h"
#include "socketio/packet.h"
#include "socketio/payload.h"
#include "socketio/recovery.h"
#include "socketio/room_index.h"

namespace banter::socketio {

class Client;
class Hub;
class Namespace;
class SplitEvent;

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

  // As many acknowledgements are awaited as may be: emit with a callback answers `dropped`.
  [[nodiscard]] bool has_max_acks() const noexcept;

  void send_ack(std::uint64_t id, const Payload& payload);

  // The server leaves the namespace: DISCONNECT, then the handlers. No effect unless joined. The first waits
  // for what this Worker has emitted and the event log has not delivered yet.
  void disconnect();
  void disconnect_now();

  // The socket is over, whoever ended it. Runs the handlers and frees the slot.
  void leave(const DisconnectReason& reason);

  // Beyond max_rooms without effect; reported.
  void join(std::string_view room);
  void leave_room(std::string_view room);
  [[nodiscard]] std::vector<std::string> rooms() const;

  // What is registered for this socket alone. A handler that is removed or added while an event is being
  // handled does not hear of that one.
  enum class Times : std::uint8_t { every, once };
  HandlerId on(std::string_view event, detail::HandlerShape shape, detail::Handler handler,
               Times times = Times::every);
  void off(HandlerId id);
  void off(std::string_view event);
  void off_all();

  HandlerId on_any(CatchAll catch_all, Place place);
  void off_any(HandlerId id);
  void off_any();
  HandlerId on_any_outgoing(CatchAll catch_all, Place place);
  void off_any_outgoing(HandlerId id);
  void off_any_outgoing();
  void use(EventMiddleware middleware);
  void on_upgrade(Function<void()> listener);

  // A timer that goes with the socket; `id` is one that no other timer of the process has.
  void after(std::uint64_t id, loop::Milliseconds delay, Function<void()> task);
  void cancel_timer(std::uint64_t id);

  // The decision about an event: what the middleware's call `call` was made for. Ignored if that is not
  // awaited.
  void decide_event(std::uint64_t call, bool is_accepted, std::string message);

  // Whether somebody listens to what is sent to this socket; and lets them hear an event, before it is sent.
  [[nodiscard]] bool has_outgoing_catch_alls() const noexcept;
  void hear_outgoing(const SplitEvent& event);

  // The client has changed from long-polling to WebSocket.
  void hear_upgrade();

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
  struct EventGate;
  struct OwnState;

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

  void refuse_room(std::string_view room);
  void log_leaving(const DisconnectReason& reason) const;
  void take_ack(std::uint64_t id, const Args& args);
  void deliver_event(const Packet& packet, const Args& args);
  [[nodiscard]] bool is_reachable() const noexcept;
  void hear(std::vector<CatchAll>& common, Listeners<CatchAll>* own, std::string_view event,
            const Args& args);
  [[nodiscard]] bool has_event_middlewares() const noexcept;
  [[nodiscard]] EventMiddleware* event_middleware(std::size_t step) const noexcept;
  void begin_asking();
  [[nodiscard]] bool ask_middlewares(std::string_view event, const Args& args);
  void ask(EventMiddleware& middleware, std::string_view event, const Args& args);
  void on_event_timeout();
  void go_on();
  void refuse_event(std::string_view event, const std::string& message);
  void run_handlers(std::string_view event, detail::Invocation& call);
  void run_handler(detail::Handler& handler, Problem::Where where, std::string_view event,
                   detail::Invocation& call);
  bool run_own_handlers(Problem::Where where, std::string_view event, detail::Invocation& call);
  void run_local(std::vector<detail::Handler>& handlers, std::string_view event,
                 const DisconnectReason* reason);
  void await_ack(std::uint64_t id, const EmitFlags& flags, detail::AckCallback&& callback);
  void run_ack(detail::AckCallback& callback, detail::AckAnswer& answer) override;
  [[nodiscard]] OwnState& own();
  void drop_own_state();
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
  std::unique_ptr<RecoveryState> recovery_;  // null: it cannot come back
  std::unique_ptr<OwnState> own_;            // null: none, as for most sockets
};

}  // namespace banter::socketio
