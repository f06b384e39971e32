#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "compat.h"

namespace compat {
namespace {

using banter::Ack;
using banter::Answers;
using banter::Args;
using banter::json;
using banter::Namespace;
using banter::RemoteSocket;
using banter::Socket;
using std::chrono::milliseconds;

// `Target` points to the Server, which stands for its main namespace, or to a Namespace.
template <class Target>
void register_emits(const Namespace& nsp, Target target) {
  nsp.on("all", [target](Socket, std::string event, Args args) { target->emit(event, args); });
  nsp.on("send", [target](Socket, Args args) { target->send(args); });
  nsp.on("to", [target](Socket, Rooms rooms, std::string event, Args args) {
    target->to(rooms.names).emit(event, args);
  });
  nsp.on("in", [target](Socket, Rooms rooms, std::string event, Args args) {
    target->in(rooms.names).emit(event, args);
  });
  nsp.on("except", [target](Socket, Rooms rooms, std::string event, Args args) {
    target->except(rooms.names).emit(event, args);
  });
  nsp.on("chain",
         [target](Socket, std::string first, std::string second, std::string except, std::string event,
                  Args args) { target->to(first).to(second).except(except).emit(event, args); });
  nsp.on("volatile",
         [target](Socket, std::string event, Args args) { target->volatile_().emit(event, args); });
  nsp.on("compress",
         [target](Socket, std::string event, Args args) { target->compress(false).emit(event, args); });
  nsp.on("local", [target](Socket, std::string event, Args args) { target->local().emit(event, args); });
}

// The answers to a question, as the client wants to hear of them.
auto told(Ack<bool, std::vector<json>> answer) {
  return [answer](std::error_code error, Answers<json> answers) {
    answer(static_cast<bool>(error), answers.values);
  };
}

template <class Target>
void register_questions(const Namespace& nsp, Target target) {
  nsp.on("ask-room",
         [target](Socket, std::string room, int time, json value, Ack<bool, std::vector<json>> answer) {
           target->to(room).timeout(milliseconds(time)).emit("ask", value, told(answer));
         });
  nsp.on("ask-everyone", [target](Socket, int time, json value, Ack<bool, std::vector<json>> answer) {
    target->timeout(milliseconds(time)).emit("ask", value, told(answer));
  });
  nsp.on("server-side", [target](Socket, Ack<bool, std::vector<json>> answer) {
    target->server_side_emit("hello", 1, told(answer));
  });
  nsp.on("server-side-cast", [target](Socket, Ack<> done) {
    target->server_side_emit("hello", 1);
    done();
  });
}

json described(std::vector<RemoteSocket> sockets) {
  std::sort(sockets.begin(), sockets.end(),
            [](const RemoteSocket& a, const RemoteSocket& b) { return a.id() < b.id(); });
  json list = json::array();
  for (const RemoteSocket& socket : sockets) {
    std::vector<std::string> rooms = socket.rooms();
    std::sort(rooms.begin(), rooms.end());
    list.push_back(
        {{"id", socket.id()}, {"rooms", rooms}, {"data", socket.data()}, {"auth", socket.handshake().auth}});
  }
  return list;
}

template <class Target>
void register_queries(const Namespace& nsp, Target target) {
  const auto answered = [](Ack<json> answer) {
    return [answer](std::error_code, std::vector<RemoteSocket> sockets) {
      answer(described(std::move(sockets)));
    };
  };
  nsp.on("fetch", [target, answered](Socket, std::string room, Ack<json> answer) {
    target->in(room).fetch_sockets(answered(answer));
  });
  nsp.on("fetch-all",
         [target, answered](Socket, Ack<json> answer) { target->fetch_sockets(answered(answer)); });
}

template <class Target>
void register_changes(const Namespace& nsp, Target target) {
  nsp.on("sockets-join", [target](Socket, std::string from, Rooms to, Ack<> done) {
    target->in(from).sockets_join(to.names);
    done();
  });
  nsp.on("sockets-leave", [target](Socket, std::string from, std::string room, Ack<> done) {
    target->in(from).sockets_leave(room);
    done();
  });
  nsp.on("all-join", [target](Socket, std::string room, Ack<> done) {
    target->sockets_join(room);
    done();
  });
  nsp.on("all-leave", [target](Socket, std::string room, Ack<> done) {
    target->sockets_leave(room);
    done();
  });
  nsp.on("disconnect-sockets", [target](Socket, std::string room, bool close) {
    target->in(room).disconnect_sockets(what_ends(close));
  });
}

// Fetches that socket, and does something with it.
template <class Action>
void with_remote(const Namespace& nsp, const std::string& id, Action action) {
  nsp.in(id).fetch_sockets([action](std::error_code, std::vector<RemoteSocket> sockets) {
    for (const RemoteSocket& socket : sockets)
      action(socket);
  });
}

void register_remote(const Namespace& nsp) {
  nsp.on("remote-emit", [nsp](Socket, std::string id, std::string event, json value) {
    with_remote(nsp, id, [event, value](const RemoteSocket& socket) { socket.emit(event, value); });
  });
  nsp.on("remote-ask", [nsp](Socket, std::string id, int time, json value, Ack<bool, json> answer) {
    with_remote(nsp, id, [time, value, answer](const RemoteSocket& socket) {
      socket.timeout(milliseconds(time)).emit("ask", value, [answer](std::error_code error, json reply) {
        answer(static_cast<bool>(error), reply);
      });
    });
  });
  nsp.on("remote-join", [nsp](Socket, std::string id, std::string room, Ack<> done) {
    with_remote(nsp, id, [room, done](const RemoteSocket& socket) {
      socket.join(room);
      done();
    });
  });
  nsp.on("remote-leave", [nsp](Socket, std::string id, std::string room, Ack<> done) {
    with_remote(nsp, id, [room, done](const RemoteSocket& socket) {
      socket.leave(room);
      done();
    });
  });
  nsp.on("remote-disconnect", [nsp](Socket, std::string id, bool close) {
    with_remote(nsp, id, [close](const RemoteSocket& socket) { socket.disconnect(what_ends(close)); });
  });
}

void register_room_events(const Namespace& nsp) {
  const auto events = std::make_shared<json>(json::array());
  const auto note = [events](const char* what) {
    return [events, what](std::string_view room) {
      if (room.starts_with("watched")) events->push_back(json::array({what, std::string(room)}));
    };
  };
  nsp.on_room_created(note("create-room"));
  nsp.on_room_deleted(note("delete-room"));
  nsp.on("room-events",
         [events](Socket, Ack<json> answer) { answer(std::exchange(*events, json::array())); });
}

template <class Target>
void register_all(const Namespace& nsp, Target target) {
  register_emits(nsp, target);
  register_questions(nsp, target);
  register_queries(nsp, target);
  register_changes(nsp, target);
  register_remote(nsp);
  register_room_events(nsp);
}

}  // namespace

void register_broadcasts(banter::Server& io) {
  register_all(io.of("/"), &io);
}
void register_broadcasts(const Namespace& nsp) {
  register_all(nsp, std::make_shared<const Namespace>(nsp));
}

}  // namespace compat
