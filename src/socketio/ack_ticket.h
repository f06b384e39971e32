// Which acknowledgement an Ack stands for.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "banter/ack.h"
#include "banter/handle.h"

struct banter::detail::AckTicket {
  AckTicket(const SocketRef& for_socket, std::uint64_t its_id) : socket(for_socket), id(its_id) {}

  SocketRef socket;
  std::uint64_t id;
  std::atomic<bool> is_answered{false};
};

namespace banter::detail {

[[nodiscard]] inline AckTicketPtr make_ticket(const SocketRef& socket, std::uint64_t id) {
  return std::make_shared<AckTicket>(socket, id);
}

}  // namespace banter::detail
