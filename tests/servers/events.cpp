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
  nsp.on("who", [](Socket socket, Ack<std::size_t> answer) {
    socket.nsp().local().count([answer](std::size_t sockets) { answer(sockets); });
  });
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

json to_json(const banter::RemoteSocket& socket) {
  return {{"id", socket.id()},
          {"rooms", socket.rooms()},
          {"data", socket.data()},
          {"auth", socket.handshake().auth},
          {"address", socket.handshake().address},
          {"query", socket.handshake().query()}};
}

void register_cluster_queries(const Namespace& nsp) {
  nsp.on("count", [](Socket socket, Ack<std::size_t> answer) {
    socket.nsp().count([answer](std::size_t sockets) { answer(sockets); });
  });
  nsp.on("count-in", [](Socket socket, std::string room, Ack<std::size_t> answer) {
    socket.nsp().in(room).count([answer](std::size_t sockets) { answer(sockets); });
  });
  nsp.on("server-count", [](Socket socket, Ack<std::size_t> answer) {
    socket.nsp().server_count([answer](std::size_t servers) { answer(servers); });
  });
  nsp.on("fetch", [](Socket socket, std::string room, Ack<json> answer) {
    socket.nsp().in(room).fetch_sockets([answer](std::error_code, std::vector<banter::RemoteSocket> sockets) {
      json all = json::array();
      for (const banter::RemoteSocket& found : sockets)
        all.push_back(to_json(found));
      answer(all);
    });
  });
}

json text_or_null(std::error_code error) {
  return error ? json(error.message()) : json(nullptr);
}

void register_questions(const Namespace& nsp) {
  nsp.on("bcast-ack", [](Socket socket, Ack<json> answer) {
    socket.nsp()
        .timeout(std::chrono::seconds(2))
        .emit("ask", [answer](std::error_code, banter::Answers<json> answers) { answer(answers.values); });
  });
  nsp.on("bcast-ack-in",
         [](Socket socket, std::string room, std::uint32_t milliseconds, json payload, Ack<json> answer) {
           socket.nsp()
               .to(room)
               .timeout(std::chrono::milliseconds(milliseconds))
               .emit("ask", payload, [answer](std::error_code error, banter::Answers<json> answers) {
                 answer(json{{"err", text_or_null(error)}, {"responses", answers.values}});
               });
         });
  nsp.on("remote-emit",
         [](Socket socket, std::string id, Args args) { socket.nsp().to(id).emit("remote-msg", args); });
  nsp.on("remote-ack", [](Socket socket, std::string id, json payload, Ack<json> answer) {
    socket.nsp().in(id).fetch_sockets(
        [answer, payload](std::error_code, std::vector<banter::RemoteSocket> sockets) {
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
  nsp.on("sse", [](Socket socket, Args args, Ack<json> answer) {
    socket.nsp().server_side_emit("hello", args,
                                  [answer](std::error_code error, banter::Answers<json> answers) {
                                    answer(json{{"err", text_or_null(error)}, {"responses", answers.values}});
                                  });
  });
  nsp.on("sse-cast", [](Socket socket, Args args) { socket.nsp().server_side_emit("notice", args); });
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
