// Opens a server on a free port and closes it again.
#include <banter/banter.h>

int main() {
  banter::Server io;
  io.on("connection", [](banter::Socket socket) { socket.join("lobby"); });
  io.on("add", [](banter::Socket, int a, int b, banter::Ack<int> ack) { ack(a + b); });
  io.listen(0, "127.0.0.1");
  io.close();
}
