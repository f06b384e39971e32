// The smallest chat: whatever one page says, every page hears.
#include <banter/banter.h>

#include <iostream>
#include <string>

int main() {
  banter::Server io;
  io.http().files("/", PUBLIC_FOLDER);

  io.on("chat message", [&io](banter::Socket, std::string text, banter::Ack<bool> heard) {
    io.emit("chat message", text);
    heard(true);
  });

  io.listen(3000);
  std::cout << "http://localhost:3000" << std::endl;
  io.run();
}
