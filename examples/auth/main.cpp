// Logging in, against threads of the application's own: a password is hashed there, slowly, while the server
// goes on. A token that a page was given lets it in, until it expires; the page may refresh it meanwhile.
#include <banter/banter.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <string>

#include "accounts.h"
#include "pool.h"

using banter::Ack, banter::json, banter::Next, banter::Socket, banter::Task;
using namespace std::chrono_literals;

// What a page hears of its token. It gets a span of time: its clock may be another.
json to_json(const std::optional<Token>& token) {
  if (!token) return nullptr;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(token->expires - Clock::now());
  return {{"token", token->text}, {"expires_in", left.count()}};
}

// What the server keeps of it, as the socket's data.
json data_of(const Token& token) {
  return {{"name", token.name}, {"expires", token.expires.time_since_epoch().count()}};
}

Clock::time_point expiry_of(const Socket& socket) {
  return Clock::time_point(Clock::duration(socket.data().value("expires", Clock::rep{0})));
}

// Whatever a client has sent as `auth`.
std::string token_in(const json& auth) {
  const bool has_token = auth.is_object() && auth.contains("token") && auth["token"].is_string();
  return has_token ? auth["token"].get<std::string>() : std::string();
}

int main(int argc, char** argv) {
  Accounts accounts(argc > 1 ? std::chrono::seconds(std::stoi(argv[1])) : 30s);
  accounts.add("ann", "secret");
  Pool pool(2, 100);
  banter::Server io;  // goes first: handlers use the others
  io.http().files("/", PUBLIC_FOLDER);
  io.on_error(
      [](const banter::Problem& problem) { std::cerr << problem.event << ": " << problem.text << '\n'; });

  // A coroutine: it waits for the pool, and no thread waits for it. An Ack may be called on any thread.
  const auto log_in = [&](Socket, std::string name, std::string password, Ack<json> answer) -> Task<> {
    std::optional<Token> token;
    co_await pool.run([&] { token = accounts.log_in(name, password); });
    answer(to_json(token));
  };
  io.of("/login").on("login", log_in);

  // A plain function, with a job that decides on the pool's thread: so may a Next.
  io.use([&](Socket socket, Next next) {
    pool.post([&accounts, socket, next, text = token_in(socket.handshake().auth)] {
      const std::optional<Token> token = accounts.check(text);
      if (!token) return next.refuse("log in first");
      socket.set_data(data_of(*token));
      next();
    });
  });

  // The guard of each session: sleeps until its token expires, and looks whether it was refreshed meanwhile.
  io.on("connection", [](Socket socket) -> Task<> {
    socket.emit("welcome", socket.data().at("name"));
    while (co_await banter::on(socket)) {
      const auto left = expiry_of(socket) - Clock::now();
      if (left <= 0s) {
        socket.emit("logged out", "the token has expired");
        socket.disconnect();
        co_return;
      }
      co_await banter::sleep(std::chrono::ceil<std::chrono::milliseconds>(left));
    }
  });

  // In-band: the connection stays. Behind the pool this is on a thread of its; `data` belongs to the Worker.
  io.on("refresh", [&](Socket socket, std::string old, Ack<json> answer) -> Task<> {
    std::optional<Token> token;
    co_await pool.run([&] { token = accounts.refresh(old); });
    if (!co_await banter::on(socket)) co_return;
    if (token && token->name != socket.data().at("name")) token.reset();  // somebody else's
    if (token) socket.set_data(data_of(*token));
    answer(to_json(token));
  });

  io.listen(3000);
  std::cout << "http://localhost:3000" << std::endl;
  io.run();
}
