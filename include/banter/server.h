// The server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "banter/address.h"
#include "banter/admission.h"
#include "banter/engine.h"
#include "banter/error.h"
#include "banter/export.h"
#include "banter/function.h"
#include "banter/http.h"
#include "banter/log.h"
#include "banter/metrics.h"
#include "banter/namespace.h"
#include "banter/native_options.h"
#include "banter/options.h"
#include "banter/pattern.h"
#include "banter/socket.h"
#include "banter/timer.h"

struct uv_loop_s;

namespace banter {

namespace detail {
class Core;
}

// Listens, and owns everything that its clients need. Neither copied nor moved.
//
// Threads: everything up to `listen` on one thread. Afterwards any thread for what Namespace says of its
// members, and for run_on, after and close. Lifetime: must not be destroyed inside a handler. With its own
// loop the destructor closes and waits; with a foreign one closing goes on while that loop turns, and
// handlers still run: what they refer to must last until close()'s `done`.
class BANTER_API Server : public Everyone<Server> {
 public:
  // Throws std::invalid_argument that names a bad option.
  explicit Server(Options options = {});

  // On a libuv loop that the caller owns and runs: uv_run, uv_stop and uv_walk are never called on it, nor
  // signals touched, and after close() no handle of ours is left on it. The loop's thread makes this call.
  explicit Server(uv_loop_s* loop, Options options = {});

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // The namespace of that name, made if it is new: before `listen`. Later, from any thread, one that exists;
  // else, if there are rules for names, a Namespace that reaches nobody, and std::logic_error without any.
  [[nodiscard]] Namespace of(std::string_view name);

  // A rule for names: the namespaces come into being when a client asks for them, as instances of the first
  // rule that matches. What is registered with the result holds for all of them, and what it sends reaches
  // all that exist. Before `listen`. Throws std::invalid_argument for a bad pattern.
  [[nodiscard]] Namespace of(Pattern pattern);

  // The same, decided by a function: bool(std::string_view name, const json& auth). It is asked only about
  // names that do not exist yet; to look at each client, use a middleware. On any Worker. What it throws goes
  // to on_error, and the client is refused.
  template <class F>
  requires std::is_invocable_r_v<bool, F&, std::string_view, const json&>
  [[nodiscard]] Namespace of(F predicate) { return add_rule(std::move(predicate)); }

  // Hears of every namespace that a rule has brought into being, before its first client joins; on the Worker
  // that has made it. Before `listen`.
  void on_new_namespace(Function<void(Namespace)> handler);

  // The same as of("/") has.
  template <class F>
  void on(std::string_view event, F handler) {
    main().on(event, std::move(handler));
  }
  void use(Function<void(Socket, Next)> middleware) { main().use(std::move(middleware)); }
  template <detail::CoroutineFunction F>
  void use(F middleware) {
    main().use(std::move(middleware));
  }
  void on_any(Function<void(Socket, std::string_view event, const Args&)> catch_all) {
    main().on_any(std::move(catch_all));
  }
  void on_any_outgoing(Function<void(Socket, std::string_view event, const Args&)> catch_all) {
    main().on_any_outgoing(std::move(catch_all));
  }
  void use_event(Function<void(Socket, std::string_view event, const Args&, Next)> middleware) {
    main().use_event(std::move(middleware));
  }
  [[nodiscard]] Broadcast everyone() const;  // of the main namespace
  template <class... A>
  void server_side_emit(std::string_view event, A&&... arguments) const {
    main().server_side_emit(event, std::forward<A>(arguments)...);
  }
  template <class F>
  void on_server(std::string_view event, F handler) {
    main().on_server(event, std::move(handler));
  }
  void server_count(Function<void(std::size_t)> done) const { main().server_count(std::move(done)); }
  void room_list(Function<void(std::vector<RoomInfo>)> done) const { main().room_list(std::move(done)); }

  // Hears what goes wrong in handlers, and of arguments that do not fit them; on the Worker, where it may be
  // called while another handler of the same client is still running. Set before `listen`.
  void on_error(Function<void(const Problem&)> handler);

  // Hears, in words, of whom the server refuses or cuts off and why, of clients that leave, of itself: lines
  // of at most that level. On the Worker; set before `listen`. Without it the server is silent.
  void on_log(LogLevel most, Function<void(const LogRecord&)> handler);

  // Decides about every handshake of Socket.IO and engine(), on either transport, before a session is opened;
  // not about later requests of it. Without one all pass. Before `listen`, as what follows.
  void allow_request(Function<void(const Request&, Admission)> decide);

  // Hears of every request of Socket.IO and engine() that was refused.
  void on_connection_error(Function<void(const ConnectionError&)> handler);

  // Adds header fields to the answers of Socket.IO and engine(): to the one that opens a session, and to
  // every one.
  void on_initial_headers(Function<void(const Request&, AnswerHeaders&)> handler);
  void on_headers(Function<void(const Request&, AnswerHeaders&)> handler);

  // Beside Socket.IO; before `listen`, later std::logic_error. A path that is taken already:
  // std::invalid_argument.
  [[nodiscard]] Http http();
  void websocket(std::string_view path, WebSocketEndpoint endpoint);

  // Engine.IO without Socket.IO.
  void engine(std::string_view path, EngineEndpoint endpoint);

  // Plain JSON events, {"name":"msg","data":[12,5]}, for the browser's own WebSocket: its clients join the
  // static namespace `nsp`. One that may not is closed with 4401 and the middleware's message as reason.
  void native_events(std::string_view path, std::string_view nsp, const NativeOptions& options = {});

  // Binds and begins to accept; registration ends. Port 0 picks a free one. May be called more than once.
  // Answers the address it is bound to; throws std::system_error, naming host and port, if that cannot be.
  Address listen(std::uint16_t port, std::string_view host = "::");

  // Runs the own loop until close(), or a graceful end on SIGTERM or SIGINT (Options::signals). With a
  // foreign loop: std::logic_error.
  void run();

  // Stops accepting, sends every client away with "server shutting down" (they will try to reconnect), gives
  // what is queued up to Options::close_timeout to be sent. Returns at once; `done` runs at the end, on the
  // loop's thread. A second call only adds its `done`; after the end it does nothing.
  void close(Function<void()> done = {});

  // What the server has done and holds. Any thread, at any time.
  [[nodiscard]] Metrics metrics() const;

  // Runs `task` on that Worker, in the order of posts. False, and the task is destroyed, if the server is
  // closed or has no such Worker.
  bool run_on(std::size_t worker, Function<void()> task);

  // Runs `task` on Worker 0, or on the calling Worker, when `delay` has passed.
  Timer after(std::chrono::milliseconds delay, Function<void()> task);

 private:
  [[nodiscard]] Namespace main() const;
  [[nodiscard]] Namespace add_rule(Function<bool(std::string_view, const json&)> predicate);

  std::shared_ptr<detail::Core> core_;
};

}  // namespace banter
