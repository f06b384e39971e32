#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compat.h"

namespace compat {
namespace {

using banter::Ack;
using banter::Args;
using banter::json;
using banter::Namespace;
using banter::Next;
using banter::Socket;
using std::chrono::milliseconds;

void register_rules(banter::Server& io) {
  const auto made = std::make_shared<std::vector<std::string>>();
  io.on_new_namespace([made](Namespace nsp) { made->push_back(nsp.name()); });
  io.on("made", [made](Socket, Ack<std::vector<std::string>> answer) { answer(*made); });

  const Namespace dynamic = io.of(banter::Pattern{R"(^\/dynamic-\d+$)"});
  dynamic.use([](Socket socket, Next next) {
    socket.set_data("by the rule");
    next();
  });
  dynamic.on("connection", [](Socket socket) { socket.emit("joined", socket.nsp().name(), socket.data()); });
  dynamic.on("here", [](Socket socket, std::string event, Args args) { socket.nsp().emit(event, args); });
  dynamic.on("everywhere", [dynamic](Socket, std::string event, Args args) { dynamic.emit(event, args); });

  const Namespace token = io.of([](std::string_view name, const json& auth) {
    return name.starts_with("/token-") && auth.value("token", "") == "good";
  });
  token.on("connection", [](Socket socket) { socket.emit("joined", socket.nsp().name()); });
}

// A middleware that notes that it was passed, later, and refuses whom its name is given to.
auto step(banter::Server& io, std::string name, milliseconds delay) {
  return [&io, name, delay](Socket socket, Next next) {
    io.after(delay, [socket, next, name] {
      json data = socket.data().is_null() ? json::array() : socket.data();
      data.push_back(name);
      socket.set_data(std::move(data));
      if (socket.handshake().auth.value("refusedBy", "") != name) return next();
      next.refuse("refused by " + name, {{"code", 42}});
    });
  };
}

void register_middleware(banter::Server& io) {
  const Namespace ordered = io.of("/ordered");
  ordered.use(step(io, "first", milliseconds(20)));
  ordered.use(step(io, "second", milliseconds(0)));
  ordered.on("connection", [](Socket socket) { socket.emit("joined", socket.data()); });

  const Namespace checked = io.of("/checked");
  checked.on("connection", [](Socket socket) {
    socket.use([socket](std::string_view event, const Args& args, Next next) {
      if (event == "forbidden") return next.refuse("no entry");
      if (event != "later") return next();
      socket.after(milliseconds(args.get<int>(0).value_or(0)), [next] { next(); });
    });
  });
  for (const char* name : {"forbidden", "later", "allowed"}) {
    checked.on(name, [name](Socket socket, Args args, Ack<std::string> answer) {
      socket.emit("handled", name, args);
      answer("done");
    });
  }
}

// What `disconnecting` and `disconnect` were told of each client, by its name.
void register_happenings(banter::Server& io) {
  const auto heard = std::make_shared<std::map<std::string, json>>();
  const Namespace left = io.of("/left");
  left.on("connection", [](Socket socket) { socket.join("a room"); });
  for (const char* event : {"disconnecting", "disconnect"}) {
    left.on(event, [heard, event](Socket socket, banter::DisconnectReason reason) {
      const std::string name = socket.handshake().auth.value("name", "");
      json& lines = heard->try_emplace(name, json::array()).first->second;
      lines.push_back({name, event, std::string(reason.text()), !socket.rooms().empty()});
    });
  }
  left.on("disconnect-me", [](Socket socket, bool close) { socket.disconnect(what_ends(close)); });
  left.on("heard", [heard](Socket, std::string name, Ack<json> answer) {
    const auto found = heard->find(name);
    answer(found == heard->end() ? json::array() : found->second);
  });
}

}  // namespace

void register_namespaces(banter::Server& io) {
  register_rules(io);
  register_middleware(io);
  register_happenings(io);
}

}  // namespace compat
