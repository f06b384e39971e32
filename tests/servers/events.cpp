#include "events.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

// Not here yet, because broadcasts with acknowledgements and clusters are not: bcast-ack, bcast-ack-in,
// fetch, count-in, server-count, sse, sse-cast, remote-emit, remote-ack.

namespace fixture {
namespace {

using banter::Ack;
using banter::Args;
using banter::Bytes;
using banter::json;
using banter::Namespace;
using banter::Socket;

using Rooms = std::vector<std::string>;

// What comes back to the sender. `Args` passes arguments on without decoding them.
void register_replies(const Namespace& nsp) {
  nsp.on("message", [](Socket socket, Args args) { socket.emit("message-back", args); });
  nsp.on("message-with-ack", [](Socket, Args args, Ack<Args> answer) { answer(args); });
  nsp.on("msg", [](Socket socket, Args args) { socket.emit("msg", args); });
  nsp.on("echo", [](Socket socket, Args args) { socket.emit("echo", args); });
  nsp.on("ack", [](Socket, Args args, Ack<Args> answer) { answer(args); });
  nsp.on("bin", [](Socket socket, Bytes bytes) { socket.emit("bin", std::move(bytes)); });
  nsp.on("flood", [](Socket socket, std::uint32_t count, std::uint32_t size) {
    const std::string text(size, 'x');
    for (std::uint32_t sent = 0; sent < count && socket.connected(); ++sent)
      socket.emit("flood", text);
  });
  nsp.on("throw", [](Socket) { throw std::runtime_error("the event `throw` was sent"); });
}

void register_rooms(const Namespace& nsp) {
  nsp.on("join", [](Socket socket, std::string room, Ack<> done) {
    socket.join(room);
    done();
  });
  nsp.on("leave", [](Socket socket, std::string room, Ack<> done) {
    socket.leave(room);
    done();
  });
  nsp.on("move",
         [](Socket socket, std::string from, std::string to) { socket.nsp().in(from).sockets_join(to); });
  nsp.on("unmove", [](Socket socket, std::string from, std::string room) {
    socket.nsp().in(from).sockets_leave(room);
  });
  nsp.on("kick", [](Socket socket, std::string room, std::optional<bool> close) {
    socket.nsp().in(room).disconnect_sockets(close.value_or(false) ? banter::Disconnect::connection
                                                                   : banter::Disconnect::from_namespace);
  });
}

void register_broadcasts(const Namespace& nsp) {
  nsp.on("broadcast", [](Socket socket, Args args) { socket.nsp().emit("broadcast", args); });
  nsp.on("all", [](Socket socket, Args args) { socket.nsp().emit("all-msg", args); });
  nsp.on("local", [](Socket socket, Args args) { socket.nsp().local().emit("local-msg", args); });
  nsp.on("room",
         [](Socket socket, std::string room, Args args) { socket.nsp().to(room).emit("room", args); });
  nsp.on("to-room",
         [](Socket socket, std::string room, Args args) { socket.nsp().to(room).emit("room-msg", args); });
  nsp.on("to-rooms",
         [](Socket socket, Rooms rooms, Args args) { socket.nsp().to(rooms).emit("rooms-msg", args); });
  nsp.on("peers", [](Socket socket, std::string room, Args args) { socket.to(room).emit("peer-msg", args); });
  nsp.on("to-except", [](Socket socket, std::optional<std::string> room, std::string except, Args args) {
    (room ? socket.nsp().to(*room) : socket.nsp().everyone()).except(except).emit("except-msg", args);
  });
  nsp.on("volatile", [](Socket socket, std::string room, Args args) {
    socket.nsp().to(room).volatile_().emit("vol-msg", args);
  });
}

void register_queries(banter::Server& io, const Namespace& nsp, const std::string& node) {
  const auto count = [](Socket socket, Ack<std::size_t> answer) {
    socket.nsp().count([answer](std::size_t sockets) { answer(sockets); });
  };
  nsp.on("who", count);
  nsp.on("count", count);  // the same while there is only one process
  nsp.on("whoami", [&node](Socket socket, Ack<json> answer) {
    answer(
        json{{"sid", socket.id()}, {"node", node}, {"pid", ::getpid()}, {"recovered", socket.recovered()}});
  });
  nsp.on("set-data", [](Socket socket, json value, Ack<bool> done) {
    socket.set_data(std::move(value));
    done(true);
  });
  nsp.on("slow", [&io](Socket, std::uint32_t milliseconds, Ack<bool> done) {
    io.after(std::chrono::milliseconds(milliseconds), [done] { done(true); });
  });
}

}  // namespace

void register_events(banter::Server& io, const Namespace& nsp, const std::string& node) {
  nsp.on("connection", [](Socket socket) { socket.emit("auth", socket.handshake().auth); });
  register_replies(nsp);
  register_rooms(nsp);
  register_broadcasts(nsp);
  register_queries(io, nsp, node);
}

}  // namespace fixture
