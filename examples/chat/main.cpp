// A chat room: `chat`, then open the address it prints in two browsers.
//
// Environment: PORT (3000; 0 picks a free one), HOST (every interface), CHAT_DB (build/chat.sqlite3),
// CHAT_PUBLIC (the folder of the page).

#include <banter/banter.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "chat.h"
#include "history.h"

namespace {

std::string setting(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : std::string(value);
}

std::uint16_t port_of(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("PORT must be a number from 0 to 65535, not \"" + text + "\"");
  }
  return port;
}

// How a person reaches `host`: the address that means every interface is none to go to.
std::string reachable(const std::string& host) {
  if (host == "::" || host == "0.0.0.0") return "localhost";
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

void run() {
  const std::uint16_t port = port_of(setting("PORT", "3000"));
  const std::string host = setting("HOST", "::");

  banter::Server io;
  // After `io`: while it is destroyed it still posts the answers of its last commit.
  chat::History history({.file = setting("CHAT_DB", "build/chat.sqlite3")},
                        [&io](chat::History::Task task) { io.run_on(0, std::move(task)); });
  chat::Chat chat(io, history);
  io.on_error([](const banter::Problem& problem) { std::cerr << "chat: " << problem.text << '\n'; });
  io.http().files("/", setting("CHAT_PUBLIC", CHAT_PUBLIC_DEFAULT));

  const banter::Address address = io.listen(port, host);
  std::cout << "chat on http://" << reachable(host) << ':' << address.port << std::endl;
  io.run();
}

}  // namespace

int main() {
  try {
    run();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "chat: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
