// The broadcasts of one namespace and Worker that wait for acknowledgements.
//
// All receivers of one are asked with one id, so there is one entry and one deadline for it, found when an
// answer comes whose id the socket's own table does not know. A receiver costs a place in a sorted array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "banter/args.h"
#include "banter/handle.h"
#include "loop/timer_wheel.h"
#include "socketio/adapter.h"

namespace banter::socketio {

class Hub;
class Socket;

// Whom a broadcast has reached, in any order, and whom not although it was selected.
struct Asked {
  std::vector<detail::Slot> sockets;
  std::vector<std::string> missed;
  std::error_code error;  // beside `missed`
};

// Collectors are user code: an answer may lead to anything, also to this table.
class BroadcastAcks {
 public:
  explicit BroadcastAcks(Hub& hub) noexcept : hub_(hub) {}

  // `collector` hears the answers, and on_done() when nobody is left to wait for or at the deadline; at once
  // if `asked` is nobody.
  void add(std::uint64_t id, Asked asked, loop::TimePoint deadline, std::shared_ptr<Collector> collector);

  // False if that socket was not asked with this id, or has answered: the answer is late, forged or the
  // second one.
  bool answer(std::uint64_t id, const Socket& socket, const Args& args);

  // The socket has left: nobody waits for it any more.
  void remove(const Socket& socket);

  [[nodiscard]] std::size_t size() const noexcept { return pending_.size(); }

 private:
  struct Receiver {
    detail::Slot slot;
    bool is_awaited = true;
  };

  struct Pending {
    Pending(BroadcastAcks& owner, std::uint64_t key, Asked asked, std::shared_ptr<Collector> listener);
    void on_deadline() { table.expire(id); }
    bool take(const Socket& socket) noexcept;
    void finish();

    BroadcastAcks& table;
    std::uint64_t id;
    std::vector<Receiver> receivers;  // by place
    std::size_t awaited;
    std::vector<std::string> missing;
    std::error_code error;
    std::shared_ptr<Collector> collector;
    loop::Deadline deadline{*this, loop::Deadline::Calls<&Pending::on_deadline>{}};
  };

  void expire(std::uint64_t id);

  Hub& hub_;
  std::unordered_map<std::uint64_t, Pending> pending_;
};

}  // namespace banter::socketio
