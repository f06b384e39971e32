#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "compat.h"

namespace compat {
namespace {

using banter::Ack;
using banter::Args;
using banter::HandlerId;
using banter::json;
using banter::Namespace;
using banter::Socket;

std::vector<std::string> sorted(std::vector<std::string> rooms) {
  std::sort(rooms.begin(), rooms.end());
  return rooms;
}

json state_of(const Socket& socket) {
  return {{"id", socket.id()},
          {"nsp", socket.nsp().name()},
          {"connected", socket.connected()},
          {"rooms", sorted(socket.rooms())},
          {"recovered", socket.recovered()},
          {"transport", std::string(to_text(socket.transport()))}};
}

json handshake_of(const Socket& socket) {
  const banter::Handshake handshake = socket.handshake();
  const auto age = std::chrono::system_clock::now() - handshake.issued;
  return {{"url", handshake.url},
          {"address", handshake.address},
          {"secure", handshake.secure},
          {"xdomain", handshake.xdomain},
          {"age", std::chrono::duration_cast<std::chrono::milliseconds>(age).count()},
          {"who", handshake.query("who").value_or("")},
          {"header", std::string(handshake.header("x-test"))},
          {"auth", handshake.auth}};
}

void register_state(const Namespace& nsp) {
  nsp.on("state", [](Socket socket, Ack<json> answer) { answer(state_of(socket)); });
  nsp.on("handshake", [](Socket socket, Ack<json> answer) { answer(handshake_of(socket)); });
  nsp.on("set-data", [](Socket socket, json value, Ack<json> answer) {
    socket.set_data(std::move(value));
    answer(socket.data());
  });
  nsp.on("join", [](Socket socket, Rooms rooms, Ack<> done) {
    socket.join(rooms.names);
    done();
  });
  nsp.on("leave", [](Socket socket, std::string room, Ack<> done) {
    socket.leave(room);
    done();
  });
  nsp.on("disconnect-me", [](Socket socket, bool close) { socket.disconnect(what_ends(close)); });
}

void register_sending(const Namespace& nsp) {
  nsp.on("emit-me", [](Socket socket, std::string event, Args args) { socket.emit(event, args); });
  nsp.on("send-me", [](Socket socket, Args args) { socket.send(args); });
  nsp.on("volatile-me",
         [](Socket socket, std::string event, Args args) { socket.volatile_().emit(event, args); });
  nsp.on("compress-me",
         [](Socket socket, std::string event, Args args) { socket.compress(false).emit(event, args); });
}

void register_questions(const Namespace& nsp) {
  nsp.on("ask-me", [](Socket socket, json value, Ack<json> answer) {
    socket.emit("ask", value, [answer](json reply) { answer(reply); });
  });
  nsp.on("ask-me-within", [](Socket socket, int milliseconds, Ack<bool, json> answer) {
    socket.timeout(std::chrono::milliseconds(milliseconds))
        .emit("ask",
              [answer](std::error_code error, json reply) { answer(static_cast<bool>(error), reply); });
  });
  nsp.on("ask-me-promise", [](Socket socket, json value, Ack<json> answer) -> banter::Task<> {
    const auto reply = co_await socket.ask<json>("ask", value);
    answer(reply.value);
  });
}

void register_peers(const Namespace& nsp) {
  nsp.on("to-others", [](Socket socket, Rooms rooms, std::string event, Args args) {
    socket.to(rooms.names).emit(event, args);
  });
  nsp.on("in-others", [](Socket socket, Rooms rooms, std::string event, Args args) {
    socket.in(rooms.names).emit(event, args);
  });
  nsp.on("except-others", [](Socket socket, Rooms rooms, std::string event, Args args) {
    socket.except(rooms.names).emit(event, args);
  });
  nsp.on("broadcast",
         [](Socket socket, std::string event, Args args) { socket.broadcast().emit(event, args); });
  nsp.on("local-others",
         [](Socket socket, std::string event, Args args) { socket.local().emit(event, args); });
}

// Handlers of the socket's own, which come and go.
void register_handlers(const Socket& socket) {
  socket.once("once", [socket] { socket.emit("once-heard"); });
  const auto added = std::make_shared<HandlerId>();
  socket.on("add", [socket, added](Ack<> done) {
    *added = socket.on("added", [socket] { socket.emit("added-heard"); });
    socket.on("added", [socket] { socket.emit("other-heard"); });
    done();
  });
  socket.on("remove", [socket, added](Ack<> done) {
    socket.off(*added);
    done();
  });
  socket.on("remove-all", [socket](Ack<> done) {
    socket.off("added");
    done();
  });
}

// What the catch-alls of one socket have heard, and which there are.
struct CatchAlls {
  json heard = json::array();
  std::map<std::string, HandlerId> ids;
};

HandlerId listen(const Socket& socket, std::string_view how, std::string tag,
                 const std::shared_ptr<CatchAlls>& all) {
  auto note = [all, tag = std::move(tag)](std::string_view event, const Args& args) {
    if (event != "watched") return;
    json line = args.to_json();
    line.insert(line.begin(), tag);
    all->heard.push_back(std::move(line));
  };
  if (how == "any") return socket.on_any(std::move(note));
  if (how == "prepend-any") return socket.prepend_any(std::move(note));
  if (how == "outgoing") return socket.on_any_outgoing(std::move(note));
  return socket.prepend_any_outgoing(std::move(note));
}

void register_catch_alls(const Socket& socket) {
  const auto all = std::make_shared<CatchAlls>();
  socket.on("listen", [socket, all](std::string how, std::string tag, Ack<> done) {
    all->ids[tag] = listen(socket, how, tag, all);
    done();
  });
  socket.on("unlisten", [socket, all](std::string tag, Ack<> done) {
    socket.off_any(all->ids[tag]);
    socket.off_any_outgoing(all->ids[tag]);
    done();
  });
  socket.on("unlisten-all", [socket](Ack<> done) {
    socket.off_any();
    socket.off_any_outgoing();
    done();
  });
  socket.on("watched", [all] { all->heard.push_back(json::array({"handler"})); });
  socket.on("heard", [all](Ack<json> answer) { answer(std::exchange(all->heard, json::array())); });
}

}  // namespace

void register_sockets(const Namespace& nsp) {
  register_state(nsp);
  register_sending(nsp);
  register_questions(nsp);
  register_peers(nsp);
  nsp.on("connection", [](Socket socket) {
    register_handlers(socket);
    register_catch_alls(socket);
  });
}

}  // namespace compat
