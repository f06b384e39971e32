// The way to the other processes of a cluster: what a server asks of its adapter, and what the adapter finds
// in this process.
//
//   facade --> Cluster --> this process's sockets          (as if from outside: AdapterHub)
//                  \----> Adapter ~~~> other processes ~~~> their AdapterHub
//
// There is one adapter per process, a process is one member of every namespace however many Workers it has,
// and all calls in both directions are made on the loop of Worker 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "banter/function.h"
#include "banter/raw_argument.h"
#include "banter/socket_record.h"
#include "engine/link.h"
#include "loop/time.h"
#include "socketio/payload.h"
#include "socketio/selector.h"

namespace banter::socketio {

class EventLog;

// Something done to the selected sockets, in every process that has some of them; nobody answers. A view.
struct Operation {
  enum class Kind : std::uint8_t {
    broadcast,
    join,
    leave,
    disconnect,
    server_event,  // an event for the other processes themselves
  };

  Kind kind = Kind::broadcast;
  std::string_view nsp;
  const Selector& selector;
  Payload event{};                       // broadcast and server_event
  engine::Delivery delivery{};           // broadcast
  std::span<const std::string> rooms{};  // join and leave
  bool closes_connection = false;        // disconnect
};

// Something that others answer. A view.
struct Request {
  enum class Kind : std::uint8_t {
    ask,           // an event that each selected socket acknowledges
    sockets,       // which sockets are selected, and what is known of them
    count,         // how many
    rooms,         // which rooms the namespace has
    server_event,  // an event for the other processes themselves, each of which may answer
    servers,       // how many processes there are
  };

  Kind kind = Kind::count;
  std::string_view nsp;
  const Selector& selector;
  Payload event{};              // ask and server_event
  engine::Delivery delivery{};  // ask

  // How long answers are awaited; always set for `ask`, else the adapter may have its own idea.
  std::optional<loop::Milliseconds> timeout{};
};

// Hears the answers to one Request. What comes after the last on_done() is ignored.
class Collector {
 public:
  virtual ~Collector() = default;

  // Of `ask` and `server_event`: that many more were asked, each of which may reply.
  virtual void on_targets(std::size_t count) = 0;

  // The first value of a reply; a text that is empty stands for none. `from` is empty if it is not known.
  virtual void on_reply(std::string_view from, const detail::RawArgument& value) = 0;

  virtual void on_sockets(std::vector<SocketRecord> sockets) = 0;
  virtual void on_rooms(std::vector<RoomInfo> rooms) = 0;
  virtual void on_count(std::size_t count) = 0;  // of sockets or processes

  // Whoever was asked has nothing more to say. `missing` names those that did not answer, as far as known.
  virtual void on_done(std::error_code error, std::vector<std::string> missing) = 0;
};

// This process, as its adapter sees it: does what another process wants.
class AdapterHub {
 public:
  virtual void apply(const Operation& operation) = 0;

  // Answers for this process alone. `collector` hears on_done() once, at the latest after Request::timeout;
  // of a server_event only together with a handler's reply: who has none says nothing at all.
  virtual void answer(const Request& request, std::shared_ptr<Collector> collector) = 0;

 protected:
  ~AdapterHub() = default;
};

enum class Presence : bool { absent, present };

class Adapter {
 public:
  Adapter() = default;
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;
  virtual ~Adapter() = default;

  // Joins the cluster; `hub` lasts until stop(). Connections are accepted once `done` was called, at once or
  // later: whoever joins earlier would miss what others send.
  virtual void start(AdapterHub& hub, Function<void()> done) = 0;

  // Leaves it: what is still asked ends with AckError::disconnected. The last call but the destructor.
  virtual void stop() = 0;

  // False if there can be no other process: then neither publish() nor request() nor interest() is called.
  [[nodiscard]] virtual bool reaches_others() const noexcept = 0;

  // Hands `operation` to the other processes. Operations of one namespace arrive in the order of these calls.
  virtual void publish(const Operation& operation) = 0;

  // Asks the other processes. `collector` hears on_done() once, at the latest after Request::timeout: with
  // AckError::timeout if somebody was silent until then. Own sockets and handlers are not asked.
  virtual void request(const Request& request, std::shared_ptr<Collector> collector) = 0;

  // In this process the room has got its first member, or lost its last. `done`, which may be null, runs when
  // what others send to the room arrives here.
  virtual void interest(std::string_view nsp, std::string_view room, Presence presence,
                        Function<void()> done) = 0;

  // Where the cluster keeps its events for those that come back; null if it cannot.
  [[nodiscard]] virtual EventLog* log() noexcept = 0;
};

}  // namespace banter::socketio
