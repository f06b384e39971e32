#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "compat.h"

namespace compat {
namespace {

using banter::Ack;
using banter::Args;
using banter::Namespace;
using banter::Next;
using banter::Socket;

void register_replies(const Namespace& nsp) {
  nsp.on("ack", [](Socket, Args args, Ack<Args> answer) { answer(args); });
  nsp.on("sum", [](Socket, int a, int b, Ack<int> answer) { answer(a + b); });
  nsp.on("say", [](Socket socket, std::string event, Args args) { socket.emit(event, args); });
  nsp.on("hé", [](Socket socket) { socket.emit("heard"); });
  nsp.on("kick", [](Socket socket) { socket.disconnect(); });
  nsp.on("bye", [](Socket socket) { socket.disconnect(banter::Disconnect::connection); });
}

// What is sent to everyone because another client asks for it.
void register_orders(const Namespace& nsp) {
  nsp.on("emit-all", [nsp](Socket, std::string event, Args args) { nsp.emit(event, args); });
  nsp.on("count", [nsp](Socket, Ack<std::size_t> answer) {
    nsp.count([answer](std::size_t sockets) { answer(sockets); });
  });
  nsp.on("ask-all", [nsp](Socket, std::string event, Args args) {
    nsp.emit(event, args, [](std::error_code, banter::Answers<banter::json>) {});
  });
  nsp.on("volatile-all", [nsp](Socket, std::string event, Args args) { nsp.volatile_().emit(event, args); });
}

// Whoever wants to join waits until somebody says `decide`.
void register_slow(banter::Server& io) {
  const auto undecided = std::make_shared<std::vector<Next>>();
  io.of("/slow").use([undecided](Socket, Next next) { undecided->push_back(std::move(next)); });
  io.on("decide", [undecided](Socket, Ack<> done) {
    for (const Next& next : std::exchange(*undecided, {}))
      next();
    done();
  });
}

}  // namespace

void register_conversations(banter::Server& io) {
  for (const char* name : {"/", "/custom", "/slow"})
    register_replies(io.of(name));
  register_orders(io.of("/"));
  register_slow(io);
  const auto denied = banter::json::object({{"why", "role"}});
  io.of("/denied").use([denied](Socket, Next next) { next.refuse("denied", denied); });
  const Namespace admin = io.of("/admin");
  admin.use([denied](Socket socket, Next next) {
    if (socket.handshake().auth.value("token", "") == "good") return next();
    next.refuse("denied", denied);
  });
  admin.on("who", [](Socket, Ack<std::string> answer) { answer("root"); });
}

}  // namespace compat
