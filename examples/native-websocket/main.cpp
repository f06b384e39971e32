// Events for pages without a library: the browser's own WebSocket, one JSON object a message. Socket.IO
// clients of the namespace "/" take part as well: the handlers, rooms and broadcasts are the same.
#include <banter/banter.h>

#include <cstdint>
#include <iostream>
#include <string>

int main() {
  banter::Server io;
  io.http().files("/", PUBLIC_FOLDER);
  io.native_events("/ws", "/");

  io.on("move", [](banter::Socket socket, double x, double y) {
    socket.broadcast().emit("move", std::string(socket.id()), x, y);
  });
  io.on("add", [](banter::Socket, std::int64_t a, std::int64_t b, banter::Ack<double> sum) {
    sum(static_cast<double>(a) + static_cast<double>(b));
  });
  io.on("disconnect", [&io](banter::Socket socket, banter::DisconnectReason) {
    io.emit("gone", std::string(socket.id()));
  });

  io.listen(3000);
  std::cout << "http://localhost:3000" << std::endl;
  io.run();
}
