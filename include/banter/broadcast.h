// What can be sent to many sockets at once, and done with them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "banter/emit.h"
#include "banter/export.h"
#include "banter/handle.h"

namespace banter {

// What a socket's disconnect() ends.
enum class Disconnect {
  from_namespace,  // the connection stays open, and the client in its other namespaces
  connection,      // all namespaces, then the connection
};

// Sends to the sockets of a namespace that it selects: everyone, the union of rooms, without exceptions. A
// value; each member answers a changed copy.
//
// Threads: any. On another thread than a Worker's the event is handed over in the order of that thread's
// calls, or dropped, and counted, while Options::budget is spent. After the server is gone nothing happens.
class Broadcast {
 public:
  Broadcast(detail::PortRef port, std::uint32_t nsp) : port_(std::move(port)), nsp_(nsp) {}

  // Adds a room to the union. A socket's id is the name of a room that it begins in.
  [[nodiscard]] BANTER_API Broadcast to(std::string_view room) const;
  [[nodiscard]] BANTER_API Broadcast to(const std::vector<std::string>& rooms) const;
  [[nodiscard]] Broadcast in(std::string_view room) const { return to(room); }
  [[nodiscard]] Broadcast in(const std::vector<std::string>& rooms) const { return to(rooms); }

  // Leaves out the sockets of a room.
  [[nodiscard]] BANTER_API Broadcast except(std::string_view room) const;
  [[nodiscard]] BANTER_API Broadcast except(const std::vector<std::string>& rooms) const;

  // Those that have not taken earlier bytes miss this event.
  [[nodiscard]] BANTER_API Broadcast volatile_() const;

  // As SocketEmitter::latest, for each of them. Prevails over volatile_.
  [[nodiscard]] BANTER_API Broadcast latest(std::string_view key) const;

  // Whether the event may be compressed, where that is agreed on (Options::deflate, compress_polls_from). Not
  // worth it for what is compressed already, as pictures.
  [[nodiscard]] BANTER_API Broadcast compress(bool compresses) const;

  // Not to other processes of a cluster.
  [[nodiscard]] Broadcast local() const { return *this; }

  // Encodes the event once and queues it for every selected socket; never blocks. Throws std::logic_error if
  // the library keeps the name to itself.
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    static_assert(!detail::ends_in_callback<A...>(),
                  "banter: broadcasts with acknowledgements are not there yet");
    detail::OutgoingEvent out(event);
    encode_arguments(out.data(), std::forward<A>(arguments)...);
    send(out);
  }

  // The selected sockets join or leave a room, or are disconnected.
  BANTER_API void sockets_join(std::string_view room) const;
  BANTER_API void sockets_leave(std::string_view room) const;
  BANTER_API void disconnect_sockets(Disconnect what = Disconnect::from_namespace) const;

 private:
  BANTER_API void send(detail::OutgoingEvent& event) const;

  detail::PortRef port_;
  std::uint32_t nsp_;
  std::vector<std::string> rooms_;
  std::vector<std::string> except_;
  bool is_volatile_ = false;
  bool compresses_ = true;
  bool is_latest_ = false;
  std::string key_;
};

}  // namespace banter
