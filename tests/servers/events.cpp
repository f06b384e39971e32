#include "events.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

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
  nsp.on("move", [nsp](Socket, std::string from, std::string to) { nsp.in(from).sockets_join(to); });
  nsp.on("unmove", [nsp](Socket, std::string from, std::string room) { nsp.in(from).sockets_leave(room); });
  nsp.on("kick", [nsp](Socket, std::string room, std::optional<bool> close) {
    nsp.in(room).disconnect_sockets(close.value_or(false) ? banter::Disconnect::connection
                                                          : banter::Disconnect::from_namespace);
  });
}

void register_broadcasts(const Namespace& nsp) {
  nsp.on("broadcast", [nsp](Socket, Args args) { nsp.emit("broadcast", args); });
  nsp.on("all", [nsp](Socket, Args args) { nsp.emit("all-msg", args); });
  nsp.on("local", [nsp](Socket, Args args) { nsp.local().emit("local-msg", args); });
  nsp.on("room", [nsp](Socket, std::string room, Args args) { nsp.to(room).emit("room", args); });
  nsp.on("to-room", [nsp](Socket, std::string room, Args args) { nsp.to(room).emit("room-msg", args); });
  nsp.on("to-rooms", [nsp](Socket, Rooms rooms, Args args) { nsp.to(rooms).emit("rooms-msg", args); });
  nsp.on("peers", [](Socket socket, std::string room, Args args) { socket.to(room).emit("peer-msg", args); });
  nsp.on("to-except", [nsp](Socket, std::optional<std::string> room, std::string except, Args args) {
    (room ? nsp.to(*room) : nsp.everyone()).except(except).emit("except-msg", args);
  });
  nsp.on("volatile",
         [nsp](Socket, std::string room, Args args) { nsp.to(room).volatile_().emit("vol-msg", args); });
}

void register_queries(banter::Server& io, const Namespace& nsp, const std::string& node) {
  nsp.on("who", [nsp](Socket, Ack<std::size_t> answer) {
    nsp.local().count([answer](std::size_t sockets) { answer(sockets); });
  });
  nsp.on("whoami", [&node](Socket socket, Ack<json> answer) {
    answer(json{{"sid", socket.id()}, {"node", node}, {"pid", ::getpid()}, {"recovered", false}});
  });
  nsp.on("set-data", [](Socket socket, json value, Ack<bool> done) {
    socket.set_data(std::move(value));
    done(true);
  });
  nsp.on("slow", [&io](Socket, std::uint32_t milliseconds, Ack<bool> done) {
    io.after(std::chrono::milliseconds(milliseconds), [done] { done(true); });
  });
}

json to_json(const banter::RemoteSocket& socket) {
  return {{"id", socket.id()},
          {"rooms", socket.rooms()},
          {"data", socket.data()},
          {"auth", socket.handshake().auth},
          {"address", socket.handshake().address},
          {"query", socket.handshake().query()}};
}

void register_cluster_queries(const Namespace& nsp) {
  nsp.on("count", [nsp](Socket, Ack<std::size_t> answer) {
    nsp.count([answer](std::size_t sockets) { answer(sockets); });
  });
  nsp.on("count-in", [nsp](Socket, std::string room, Ack<std::size_t> answer) {
    nsp.in(room).count([answer](std::size_t sockets) { answer(sockets); });
  });
  nsp.on("server-count", [nsp](Socket, Ack<std::size_t> answer) {
    nsp.server_count([answer](std::size_t servers) { answer(servers); });
  });
  nsp.on("fetch", [nsp](Socket, std::string room, Ack<json> answer) {
    nsp.in(room).fetch_sockets([answer](std::error_code, std::vector<banter::RemoteSocket> sockets) {
      json all = json::array();
      for (const banter::RemoteSocket& socket : sockets)
        all.push_back(to_json(socket));
      answer(all);
    });
  });
}

json text_or_null(std::error_code error) {
  return error ? json(error.message()) : json(nullptr);
}

void register_questions(const Namespace& nsp) {
  nsp.on("bcast-ack", [nsp](Socket, Ack<json> answer) {
    nsp.timeout(std::chrono::seconds(2))
        .emit("ask", [answer](std::error_code, banter::Answers<json> answers) { answer(answers.values); });
  });
  nsp.on("bcast-ack-in",
         [nsp](Socket, std::string room, std::uint32_t milliseconds, json payload, Ack<json> answer) {
           nsp.to(room)
               .timeout(std::chrono::milliseconds(milliseconds))
               .emit("ask", payload, [answer](std::error_code error, banter::Answers<json> answers) {
                 answer(json{{"err", text_or_null(error)}, {"responses", answers.values}});
               });
         });
  nsp.on("remote-emit", [nsp](Socket, std::string id, Args args) { nsp.to(id).emit("remote-msg", args); });
  nsp.on("remote-ack", [nsp](Socket, std::string id, json payload, Ack<json> answer) {
    nsp.in(id).fetch_sockets([answer, payload](std::error_code, std::vector<banter::RemoteSocket> sockets) {
      if (sockets.empty()) return answer(json{{"err", "no such socket"}, {"response", nullptr}});
      sockets.front()
          .timeout(std::chrono::seconds(2))
          .emit("ask", payload, [answer](std::error_code error, json response) {
            answer(json{{"err", text_or_null(error)}, {"response", response}});
          });
    });
  });
}

void register_server_events(const Namespace& nsp, const std::string& node) {
  nsp.on("sse", [nsp](Socket, Args args, Ack<json> answer) {
    nsp.server_side_emit("hello", args, [answer](std::error_code error, banter::Answers<json> answers) {
      answer(json{{"err", text_or_null(error)}, {"responses", answers.values}});
    });
  });
  nsp.on("sse-cast", [nsp](Socket, Args args) { nsp.server_side_emit("notice", args); });
  nsp.on_server("hello", [&node](Args args, Ack<json> answer) {
    answer(json{{"node", node}, {"args", args.to_json()}});
  });
  nsp.on_server("notice", [nsp, &node](Args args) { nsp.local().emit("sse-notice", node, args); });
}

}  // namespace

void register_events(banter::Server& io, const Namespace& nsp, const std::string& node) {
  nsp.on("connection", [](Socket socket) { socket.emit("auth", socket.handshake().auth); });
  register_replies(nsp);
  register_rooms(nsp);
  register_broadcasts(nsp);
  register_queries(io, nsp, node);
  register_cluster_queries(nsp);
  register_questions(nsp);
  register_server_events(nsp, node);
}

}  // namespace fixture
