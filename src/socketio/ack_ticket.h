// Which acknowledgement an Ack stands for.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "banter/ack.h"
#include "banter/handle.h"

namespace banter::socketio {
class Collector;
}

struct banter::detail::AckTicket {
  AckTicket(const SocketRef& for_socket, std::uint64_t its_id) : socket(for_socket), id(its_id) {}
  AckTicket(const SocketRef& nobody, std::shared_ptr<socketio::Collector> another_server)
      : socket(nobody), server(std::move(another_server)) {}

  SocketRef socket;  // of an answer to another server it only names the Worker
  std::uint64_t id = 0;
  std::shared_ptr<socketio::Collector> server;  // the answer is for this one; null: for the socket
  std::atomic<bool> is_answered{false};
};

namespace banter::detail {

[[nodiscard]] inline AckTicketPtr make_ticket(const SocketRef& socket, std::uint64_t id) {
  return std::make_shared<AckTicket>(socket, id);
}

[[nodiscard]] inline AckTicketPtr make_server_ticket(const SocketRef& nobody,
                                                     std::shared_ptr<socketio::Collector> server) {
  return std::make_shared<AckTicket>(nobody, std::move(server));
}

}  // namespace banter::detail
