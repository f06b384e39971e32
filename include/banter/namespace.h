// A namespace as the application sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "banter/export.h"
#include "banter/function.h"
#include "banter/next.h"
#include "banter/on.h"
#include "banter/socket.h"

namespace banter {

namespace detail {
struct Registration;  // what `on` and `use` have collected; the server's
}

// A value that names a namespace of a server, or a rule for namespaces and with it all its instances;
// outlives it. One that is no more reaches nobody, also when another of the same name has come into being.
//
// Threads: on and use belong to the thread that sets the server up, before `listen`; afterwards they throw
// std::logic_error. The others: any thread, as Broadcast says.
class Namespace {
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
    add(event, detail::namespace_handler<Socket>(std::move(handler)));
  }

  // A middleware: decides, with `next`, whether a client may join. They run in the order they were added.
  BANTER_API void use(Function<void(Socket, Next)> middleware) const;

  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    everyone().emit(event, std::forward<A>(arguments)...);
  }
  [[nodiscard]] Broadcast to(std::string_view room) const { return everyone().to(room); }
  [[nodiscard]] Broadcast to(const std::vector<std::string>& rooms) const { return everyone().to(rooms); }
  [[nodiscard]] Broadcast in(std::string_view room) const { return everyone().to(room); }
  [[nodiscard]] Broadcast in(const std::vector<std::string>& rooms) const { return everyone().to(rooms); }
  [[nodiscard]] Broadcast except(std::string_view room) const { return everyone().except(room); }
  [[nodiscard]] Broadcast except(const std::vector<std::string>& rooms) const {
    return everyone().except(rooms);
  }
  [[nodiscard]] Broadcast volatile_() const { return everyone().volatile_(); }
  [[nodiscard]] Broadcast local() const { return everyone(); }
  [[nodiscard]] Broadcast everyone() const { return Broadcast(port_, id_); }

  // How many sockets of this namespace the process has; `done` runs later, on a Worker.
  BANTER_API void count(Function<void(std::size_t)> done) const;

 private:
  BANTER_API void add(std::string_view event, detail::PreparedHandler handler) const;

  std::weak_ptr<detail::Registration> registration_;  // handlers, which it owns, may hold a Namespace
  detail::PortRef port_;
  std::uint32_t id_;
  std::string name_;
};

}  // namespace banter
