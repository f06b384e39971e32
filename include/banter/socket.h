// A client in a namespace.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "banter/ask.h"
#include "banter/broadcast.h"
#include "banter/coroutine.h"
#include "banter/emit.h"
#include "banter/export.h"
#include "banter/function.h"
#include "banter/handle.h"
#include "banter/handler_id.h"
#include "banter/handshake.h"
#include "banter/json.h"
#include "banter/next.h"
#include "banter/on.h"
#include "banter/recovery.h"
#include "banter/send_result.h"
#include "banter/timer.h"
#include "banter/transport.h"

namespace banter {

class Namespace;
class Socket;

namespace detail {
[[nodiscard]] const SocketRef& ref_of(const Socket& socket) noexcept;
}

// One emit with other than the usual flags: `socket.timeout(5s).emit("question", callback)`.
class SocketEmitter {
 public:
  SocketEmitter(detail::SocketRef ref, detail::EmitFlags flags) : ref_(std::move(ref)), flags_(flags) {}

  // Dropped rather than queued behind what the client has not taken.
  [[nodiscard]] SocketEmitter volatile_() const {
    SocketEmitter changed = *this;
    changed.flags_.is_volatile = true;
    return changed;
  }

  // Takes the place of the last event with this key, if that has not begun to leave: for state of which only
  // the latest is of use, like a position. Goes to the end, in the order of emits. Prevails over volatile_.
  [[nodiscard]] SocketEmitter latest(std::string_view key) const {
    SocketEmitter changed = *this;
    changed.flags_.is_latest = true;
    changed.flags_.key = key;
    return changed;
  }

  // As Broadcast::compress.
  [[nodiscard]] SocketEmitter compress(bool compresses) const {
    SocketEmitter changed = *this;
    changed.flags_.compress = compresses;
    return changed;
  }

  // How long the acknowledgement is awaited.
  [[nodiscard]] SocketEmitter timeout(std::chrono::milliseconds timeout) const {
    SocketEmitter changed = *this;
    changed.flags_.ack_timeout = timeout;
    return changed;
  }

  template <class... A>
  SendResult emit(std::string_view event, A&&... arguments) const {
    return detail::emit_to(ref_, flags_, event, std::forward<A>(arguments)...);
  }

  template <class T = void, class... A>
  [[nodiscard]] detail::Ask<T> ask(std::string_view event, A&&... arguments) const {
    return detail::Ask<T>(ref_, flags_, event, std::forward<A>(arguments)...);
  }

 private:
  detail::SocketRef ref_;
  detail::EmitFlags flags_;
};

// One client in one namespace: a value that names it.
//
// Threads: any for emit, send, join, leave, disconnect, set_data, run, after and the members that make an
// emitter; on the socket's Worker they take effect before they return, from elsewhere in the order of that
// thread's calls. The others (data, handshake, rooms, connected, recovered, buffered, nsp, transport, and all
// that registers something or takes it away) belong to the Worker: on another thread they throw
// std::logic_error; use run(). Lifetime: outlives the client and the server. Then emit answers `closed`, and
// the rest answers what an empty socket would; in the `disconnect` handler still the last values.
class Socket {
 public:
  Socket() = default;  // names nobody
  explicit Socket(detail::SocketRef ref) noexcept : ref_(std::move(ref)) {}

  // Public: clients may know each other's.
  [[nodiscard]] std::string id() const { return ref_.port ? std::string(ref_.id_view()) : std::string(); }

  // Queues the event for this client; never blocks. Arguments are what nlohmann's to_json takes; Bytes travel
  // as attachments; an Args stands for its arguments. A last callable is the acknowledgement's callback, run
  // on the socket's Worker:
  //   [](std::error_code, T…)  exactly once: with the answer, or AckError
  //   [](T…)                   at most once, for an answer that fits; anything else goes to on_error
  // If the answer is `closed` or `dropped` the callback was destroyed uncalled; after `posted` it hears of
  // that too, as AckError::disconnected (of a volatile event, and of one beyond Options::max_pending_acks,
  // AckError::timeout). `dropped`, without volatile_, means that Options::max_queue would have been passed,
  // and the client is disconnected as a slow consumer, or that with a callback max_pending_acks would have
  // been; on another thread that Options::budget is spent. Throws std::logic_error if the library keeps the
  // event's name to itself.
  template <class... A>
  SendResult emit(std::string_view event, A&&... arguments) const {
    return detail::emit_to(ref_, {}, event, std::forward<A>(arguments)...);
  }

  // `co_await socket.ask<T>(event, args…)`, in a coroutine: emits when it is awaited, and gives an Answer<T>:
  // the first argument of the acknowledgement, or an AckError, also if it could not be sent. Goes on once, on
  // the socket's Worker (at once, if it was not sent).
  template <class T = void, class... A>
  [[nodiscard]] detail::Ask<T> ask(std::string_view event, A&&... arguments) const {
    return detail::Ask<T>(ref_, {}, event, std::forward<A>(arguments)...);
  }
  [[nodiscard]] SocketEmitter volatile_() const { return SocketEmitter(ref_, {}).volatile_(); }
  [[nodiscard]] SocketEmitter latest(std::string_view key) const {
    return SocketEmitter(ref_, {}).latest(key);
  }
  [[nodiscard]] SocketEmitter timeout(std::chrono::milliseconds timeout) const {
    return SocketEmitter(ref_, {}).timeout(timeout);
  }

  [[nodiscard]] SocketEmitter compress(bool compresses) const {
    return SocketEmitter(ref_, {}).compress(compresses);
  }

  // The namespace it is in. On another thread than its Worker's: std::logic_error.
  [[nodiscard]] BANTER_API Namespace nsp() const;

  // To the others of the namespace.
  [[nodiscard]] BANTER_API Broadcast broadcast() const;
  [[nodiscard]] Broadcast to(Rooms rooms) const { return broadcast().to(std::move(rooms)); }
  [[nodiscard]] Broadcast in(Rooms rooms) const { return broadcast().to(std::move(rooms)); }
  [[nodiscard]] Broadcast except(Rooms rooms) const { return broadcast().except(std::move(rooms)); }
  [[nodiscard]] Broadcast local() const { return broadcast().local(); }

  // In a middleware: takes effect when the client is accepted.
  BANTER_API void join(Rooms rooms) const;
  BANTER_API void leave(Rooms rooms) const;

  // `handler` hears that the client, for whom more than Options::high_water was left over, has taken so much
  // that half of it is left: once each time. Behind the namespace's handlers.
  BANTER_API void on_drain(Function<void()> handler) const;

  // The client's reason is "io server disconnect": it does not come back by itself. The handlers of
  // `disconnecting` and `disconnect` run before this returns.
  BANTER_API void disconnect(Disconnect what = Disconnect::from_namespace) const;

  // For state of the application. The reference is valid until the handler returns.
  [[nodiscard]] BANTER_API const json& data() const;
  BANTER_API void set_data(json data) const;

  [[nodiscard]] BANTER_API Handshake handshake() const;
  [[nodiscard]] BANTER_API std::vector<std::string> rooms() const;
  [[nodiscard]] BANTER_API bool connected() const;

  // Whether the client came back with its rooms, its data and what it had missed (Options::recovery); or why
  // it did not.
  [[nodiscard]] bool recovered() const { return recovery_failure() == RecoveryFailure::none; }
  [[nodiscard]] BANTER_API RecoveryFailure recovery_failure() const;

  [[nodiscard]] BANTER_API std::size_t buffered() const;  // bytes the client has not taken

  // A handler of this socket alone, beside those of its namespace, which run first. Its parameters are the
  // event's arguments. Throws std::logic_error as Namespace::on does. Handlers may add and remove handlers:
  // one that is added while an event is handled does not hear of that one, nor does one that is removed.
  template <class F>
  HandlerId on(std::string_view event, F handler) const {
    return add(event, detail::socket_handler(std::move(handler), event), Times::every);
  }

  // The same for the next event of that name alone.
  template <class F>
  HandlerId once(std::string_view event, F handler) const {
    return add(event, detail::socket_handler(std::move(handler), event), Times::once);
  }

  BANTER_API void off(HandlerId handler) const;
  BANTER_API void off(std::string_view event) const;  // all of this socket's handlers for the event
  BANTER_API void off_all() const;                    // and for every event

  // Catch-alls hear of every event that comes, before middlewares and handlers, whether there is one or not.
  // Like handlers they hear behind those of the namespace. prepend: in front of the socket's other ones.
  using CatchAll = Function<void(std::string_view event, const Args&)>;
  BANTER_API HandlerId on_any(CatchAll catch_all) const;
  BANTER_API HandlerId prepend_any(CatchAll catch_all) const;
  BANTER_API void off_any(HandlerId catch_all) const;
  BANTER_API void off_any() const;

  // These hear of every event that is sent to this client, by broadcasts too, before it is queued. Not of
  // acknowledgements.
  BANTER_API HandlerId on_any_outgoing(CatchAll catch_all) const;
  BANTER_API HandlerId prepend_any_outgoing(CatchAll catch_all) const;
  BANTER_API void off_any_outgoing(HandlerId catch_all) const;
  BANTER_API void off_any_outgoing() const;

  // A middleware decides about each event, before its handlers: `next()` lets it go on, next.refuse(message)
  // drops it, which goes to on_error; nothing is answered. They are asked in the order they were added, those
  // of the namespace first. While one has not decided, for at most Options::middleware_timeout, later events
  // of this socket wait, up to Options::max_payload bytes of them; acknowledgements pass.
  BANTER_API void use(Function<void(std::string_view event, const Args&, Next)> middleware) const;

  // Emits `message`.
  template <class... A>
  SendResult send(A&&... arguments) const {
    return emit("message", std::forward<A>(arguments)...);
  }

  // What carries its packets now; polling if it is gone.
  [[nodiscard]] BANTER_API Transport transport() const;

  // Runs when the client has changed from long-polling to WebSocket.
  BANTER_API void on_upgrade(Function<void()> listener) const;

  // Runs `task` on the socket's Worker when `delay` has passed, unless the socket goes first: then the task
  // is destroyed. Any thread.
  BANTER_API Timer after(std::chrono::milliseconds delay, Function<void()> task) const;

  // Runs `task` on the socket's Worker, behind what was posted before; at once if this is it. What it throws
  // goes to on_error. False, and the
  // task is destroyed, if the server is gone.
  BANTER_API bool run(Function<void()> task) const;

  friend bool operator==(const Socket& a, const Socket& b) noexcept {
    return a.ref_.slot == b.ref_.slot && a.ref_.id == b.ref_.id;
  }

 private:
  friend const detail::SocketRef& detail::ref_of(const Socket& socket) noexcept;
  enum class Times : std::uint8_t { every, once };
  BANTER_API HandlerId add(std::string_view event, detail::PreparedHandler handler, Times times) const;

  detail::SocketRef ref_;
};

inline const detail::SocketRef& detail::ref_of(const Socket& socket) noexcept {
  return socket.ref_;
}

// `co_await banter::on(socket)`, in a coroutine: goes on on the socket's Worker, from whatever thread; there
// already, it goes on at once. Answers whether the socket is still there. If its server is gone the coroutine
// is destroyed, on the thread it is on: nothing behind the co_await runs. Throws std::logic_error for a
// Socket that names nobody.
[[nodiscard]] BANTER_API detail::GoTo on(const Socket& socket);

}  // namespace banter
