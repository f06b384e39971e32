// The chat: joins what clients ask (README.md lists the events), who is here and what was said.
#pragma once

#include <banter/banter.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "history.h"
#include "presence.h"

namespace chat {

// Registers its handlers on `io`; outlives the run of it. Threads: handlers run on one Worker
// (Options::threads is 1), so nothing here is locked; the history posts its answers to the same Worker.
class Chat {
 public:
  Chat(banter::Server& io, History& history);
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

 private:
  using Answer = banter::Ack<banter::json>;

  // One connection.
  struct Client {
    std::string name;
    std::set<std::string, std::less<>> rooms;
    int storing = 0;  // messages on their way to the disk
  };

  void let_in(const banter::Socket& socket, const banter::Next& next) const;
  void arrive(const banter::Socket& socket);
  void depart(const banter::Socket& socket);
  void join(const banter::Socket& socket, const std::string& room, const Answer& answer);
  void leave(const banter::Socket& socket, const std::string& room, const Answer& answer);
  void say(const banter::Socket& socket, Message message, const Answer& answer);
  void show_typing(const banter::Socket& socket, const std::string& room, bool is_typing);
  void show_earlier(const banter::Socket& socket, const std::string& room, std::int64_t before,
                    const Answer& answer);

  void stored(const std::string& socket_id, std::error_code error, const Receipt& receipt,
              const Answer& answer);
  void leave_room(const std::string& room, const std::string& name);
  // Null if the client is gone, or was never let in.
  [[nodiscard]] Client* client_of(std::string_view socket_id);

  banter::Server& io_;
  History& history_;
  Presence presence_;
  std::map<std::string, Client, std::less<>> clients_;  // by socket id
};

}  // namespace chat
