// The handlers whose instructions are counted (instructions.js): what an application writes first, with its
// values as `json`. Prints where it listens; ends on SIGTERM.
#include <banter/banter.h>

#include <iostream>

int main() {
  banter::Server io;
  io.on("connection", [](banter::Socket socket) { socket.emit("auth", banter::json::object()); });
  io.on("echo", [](banter::Socket socket, banter::json value) { socket.emit("echo", value); });
  io.on("broadcast", [&io](banter::Socket, banter::json value) { io.emit("broadcast", value); });
  const banter::Address address = io.listen(0, "127.0.0.1");
  std::cout << "listening on http://" << address.host << ':' << address.port << std::endl;
  io.run();
}
