// A namespace as the application sees it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "banter/export.h"
#include "banter/function.h"
#include "banter/next.h"
#include "banter/on.h"
#include "banter/remote_socket.h"
#include "banter/socket.h"

namespace banter {

namespace detail {
struct Registration;  // what `on` and `use` have collected; the server's
}

// A value that names a namespace of a server, or a rule for namespaces and with it all its instances;
// outlives it. One that is no more reaches nobody, also when another of the same name has come into being.
//
// Threads: what registers something, as on, on_drain and use, belongs to the thread that sets the server up,
// before `listen`; afterwards it throws std::logic_error. The others: any thread, as Broadcast says.
class Namespace : public Everyone<Namespace> {
 public:
  Namespace(std::weak_ptr<detail::Registration> registration, detail::PortRef port, std::uint32_t id,
            std::string_view name)
      : registration_(std::move(registration)), port_(std::move(port)), id_(id), name_(name) {}

  // With its slash. Of a rule: its pattern, or nothing.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // A handler for an event of any socket of this namespace; the Socket is its first parameter, the event's
  // arguments are the others, and they are the schema: arguments that do not fit are reported to on_error and
  // the handler is not called. A last parameter Ack<…> answers. `connection`, `disconnecting` and
  // `disconnect` are local; the last two may take a DisconnectReason. Throws std::logic_error, naming the
  // event, if its parameters do not fit a local happening, or if it takes a DisconnectReason under another
  // name.
  template <class F>
  void on(std::string_view event, F handler) const {
    add(event, detail::namespace_handler<Socket>(std::move(handler), event));
  }

  // Socket::on_drain for every socket of this namespace.
  BANTER_API void on_drain(Function<void(Socket)> handler) const;

  // A middleware: decides, with `next`, whether a client may join. They run in the order they were added.
  // One that is a coroutine refuses if it ends without having decided.
  BANTER_API void use(Function<void(Socket, Next)> middleware) const;
  template <detail::CoroutineFunction F>
  void use(F middleware) const {
    use([start = detail::starter_of(std::move(middleware))](Socket socket, Next next) {
      start(detail::ref_of(socket), Problem::Where::middleware, {}, socket, std::move(next));
    });
  }

  // What Socket has under these names, for all sockets: stored once, and ahead of theirs. use_event is
  // Socket::use.
  BANTER_API void on_any(Function<void(Socket, std::string_view event, const Args&)> catch_all) const;
  BANTER_API void on_any_outgoing(
      Function<void(Socket, std::string_view event, const Args&)> catch_all) const;
  BANTER_API void use_event(
      Function<void(Socket, std::string_view event, const Args&, Next)> middleware) const;

  [[nodiscard]] Broadcast everyone() const { return Broadcast(port_, id_); }

  // --- servers of a cluster ---

  // To the on_server handlers of all other servers, not to clients and not to this server itself. A last
  // callable, `[](std::error_code, banter::Answers<T>)`, asks each of them for an answer: it is called when
  // all have answered, with nothing at once if there are no others, and with AckError::timeout and what has
  // come if somebody is silent. Callbacks, names and threads as Broadcast::emit has it.
  template <class... A>
  void server_side_emit(std::string_view event, A&&... arguments) const {
    detail::OutgoingEvent out(event);
    if constexpr (detail::ends_in_callback<A...>()) {
      constexpr std::size_t count = sizeof...(A) - 1;
      auto all = std::forward_as_tuple(std::forward<A>(arguments)...);
      detail::encode_front(out.data(), std::move(all), std::make_index_sequence<count>{});
      ask_servers(out, detail::make_answer_sink(std::get<count>(std::move(all))));
    } else {
      encode_arguments(out.data(), std::forward<A>(arguments)...);
      send_to_servers(out);
    }
  }

  // A handler for what other servers emit with server_side_emit, on Worker 0: its parameters are the event's
  // arguments; a last Ack<…> answers with its first value, the others do not arrive. Before `listen`. Throws
  // std::logic_error if no event can have that name.
  template <class F>
  void on_server(std::string_view event, F handler) const {
    static_assert(!detail::CoroutineFunction<F>, "banter: a handler of on_server is not a coroutine");
    add_server_handler(event, detail::socket_handler(std::move(handler), event));
  }

  // How many servers of the cluster have this namespace, this one included; `done` runs later, as Broadcast
  // says.
  BANTER_API void server_count(Function<void(std::size_t)> done) const;

  // --- rooms ---

  // The rooms that sockets have joined; those that are named by a socket's id are not told. A room that is in
  // several processes comes once for each. `done` runs later, as Broadcast says.
  BANTER_API void room_list(Function<void(std::vector<RoomInfo>)> done) const;

  // Hear, soon afterwards and in that order, that a room has got its first member in this process, or lost
  // its last. Not of those that are named by a socket's id. Before `listen`.
  BANTER_API void on_room_created(Function<void(std::string_view)> handler) const;
  BANTER_API void on_room_deleted(Function<void(std::string_view)> handler) const;

 private:
  BANTER_API void add_server_handler(std::string_view event, detail::PreparedHandler handler) const;
  BANTER_API void send_to_servers(detail::OutgoingEvent& event) const;
  BANTER_API void ask_servers(detail::OutgoingEvent& event,
                              std::unique_ptr<detail::AnswerSink> answers) const;
  BANTER_API void add(std::string_view event, detail::PreparedHandler handler) const;

  std::weak_ptr<detail::Registration> registration_;  // handlers, which it owns, may hold a Namespace
  detail::PortRef port_;
  std::uint32_t id_;
  std::string name_;
};

}  // namespace banter
