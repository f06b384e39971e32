// The whole of a server's Socket.IO: this process first, then the others, through the adapter.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "banter/function.h"
#include "socketio/adapter.h"
#include "socketio/gathering.h"
#include "socketio/hub.h"

namespace banter::socketio {

enum class Reach : std::uint8_t {
  cluster,
  process,  // stays in this process
};

// On the thread of `hub`, which with the adapter outlives it.
class Cluster final : private AdapterHub, private RoomWatcher {
 public:
  Cluster(Hub& hub, Adapter& adapter);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

  [[nodiscard]] Hub& hub() const noexcept { return hub_; }

  // See Adapter.
  void start(Function<void()> done) { adapter_.start(*this, std::move(done)); }
  void stop();

  // Does it in the namespace with that id, or in all instances of a rule, and hands it on. An event for
  // servers is not for this one.
  void publish(std::uint32_t nsp, Operation operation, Reach reach);

  // `gathering` ends when everybody who was asked has answered, at the earliest at the end of the turn; after
  // stop() with AckError::disconnected.
  void request(std::uint32_t nsp, Request request, const std::shared_ptr<Gathering>& gathering, Reach reach);

 private:
  void apply(const Operation& operation) override;
  void answer(const Request& request, std::shared_ptr<Collector> collector) override;
  [[nodiscard]] bool watches(const Namespace& part) const noexcept override;
  void on_room(Namespace& part, std::string_view room, Presence presence) override;

  void carry_out(Namespace& part, const Operation& operation);
  void answer_for(Namespace& part, const Request& request, std::shared_ptr<Collector> collector);
  void ask(Namespace& part, const Request& request, std::shared_ptr<Collector> collector);
  void run_server_event(Namespace& part, const Payload& event, std::shared_ptr<Collector> collector);
  [[nodiscard]] bool is_for_others(Reach reach) const noexcept;

  Hub& hub_;
  Adapter& adapter_;
  bool is_stopped_ = false;
};

// Hands the first value of a handler's reply to `collector`, and ends it. `reply` is that of an
// acknowledgement.
void send_server_reply(const Payload& reply, Collector& collector);

}  // namespace banter::socketio
