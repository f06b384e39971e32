// One Worker's part of a namespace: its joined sockets and their rooms.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "banter/send_result.h"
#include "engine/link.h"
#include "loop/loop.h"
#include "loop/time.h"
#include "socketio/adapter.h"
#include "socketio/broadcast_acks.h"
#include "socketio/definition.h"
#include "socketio/room_index.h"
#include "socketio/selector.h"

namespace banter::socketio {

class EncodedEvent;
struct LogEntry;
struct Payload;
class Hub;
class Socket;

class Namespace final : public loop::Retired {
 public:
  Namespace(Hub& hub, NamespaceDefinition& definition) : hub_(hub), definition_(definition) {}
  Namespace(Hub& hub, DynamicNamespaces::Reference definition)
      : hub_(hub), definition_(*definition), dynamic_(std::move(definition)) {}

  [[nodiscard]] Hub& hub() const noexcept { return hub_; }
  [[nodiscard]] NamespaceDefinition& definition() const noexcept { return definition_; }
  [[nodiscard]] Handlers& handlers() const noexcept { return definition_.handlers; }
  [[nodiscard]] const std::string& name() const noexcept { return definition_.name; }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

  // A socket of any state refers to the namespace, or no longer does.
  void enter() noexcept { ++users_; }
  void leave() noexcept { --users_; }
  [[nodiscard]] bool is_used() const noexcept { return users_ != 0; }

  void add(Socket& socket);
  void remove(Socket& socket);  // also from all rooms

  // False, without effect, if the socket is in as many rooms as it may be, and not in this one.
  [[nodiscard]] bool join(Socket& socket, std::string_view room);
  void leave(Socket& socket, std::string_view room);
  [[nodiscard]] std::vector<std::string> rooms_of(const Socket& socket) const;

  // Sends an event to the selected sockets: at once, or through the log if there is one.
  void emit(const Payload& payload, const Selector& selector, engine::Delivery delivery);

  // The next event of the log.
  void deliver(const LogEntry& entry);

  // Up to where the log was delivered; empty if nothing was yet.
  [[nodiscard]] const std::string& log_offset() const noexcept { return log_offset_; }

  // A new entry for the log, whose selector and delivery are still missing.
  [[nodiscard]] std::shared_ptr<LogEntry> make_entry(const Payload& payload,
                                                     std::optional<std::uint64_t> ack_id) const;

  // What was made for the log, or an event with whatever extras, to one socket.
  SendResult send(Socket& socket, const EncodedEvent& event, engine::Delivery delivery);

  // How many sockets have catch-alls of their own for what is sent.
  void outgoing_listener_came() noexcept { ++outgoing_listeners_; }
  void outgoing_listener_went() noexcept { --outgoing_listeners_; }
  [[nodiscard]] bool has_outgoing_listeners() const noexcept {
    return outgoing_listeners_ != 0 || !handlers().any_outgoing.empty();
  }

  void broadcast(const EncodedEvent& event, const Selector& selector, engine::Delivery delivery);

  // The same delivery with a key, kept in `key`, that no other namespace of a connection uses.
  [[nodiscard]] engine::Delivery scoped(engine::Delivery delivery, std::string& key) const;

  // The same for an event with an ack id: `collector` hears how many are asked, their answers, and on_done()
  // when all of them have answered or left, at the latest at `deadline`.
  void ask(const EncodedEvent& event, const Selector& selector, engine::Delivery delivery,
           loop::TimePoint deadline, std::shared_ptr<Collector> collector);

  // An acknowledgement that the socket itself knows nothing of. False if no broadcast asked for it either.
  bool answer(std::uint64_t id, const Socket& socket, const Args& args);

  // Nobody waits for `socket` any more.
  void stop_awaiting(const Socket& socket);

  // The selected sockets, each once. Calling one of them may change who would be selected.
  [[nodiscard]] std::vector<Socket*> select(const Selector& selector);
  [[nodiscard]] std::size_t count(const Selector& selector);

  // Without those that are named by a socket's id.
  [[nodiscard]] std::vector<RoomInfo> rooms() const;

 private:
  void tell_outgoing(const EncodedEvent& event);
  void select_into(const Selector& selector, std::vector<Socket*>& out);
  template <class Visit>
  void for_each_in(std::string_view room, Visit visit);
  [[nodiscard]] bool is_watched() const noexcept;
  void tell(std::string_view room, Presence presence);

  Hub& hub_;
  NamespaceDefinition& definition_;
  const DynamicNamespaces::Reference dynamic_;  // keeps the definition; null for a static one
  std::size_t users_ = 0;                       // sockets, those that are still joining included
  std::vector<Socket*> all_;
  // By id: the rooms that every socket begins in, without the cost of a room. The keys lie in the sockets.
  std::unordered_map<std::string_view, Socket*> by_id_;
  RoomIndex rooms_;
  std::vector<Socket*> selected_;        // reused by broadcasts
  std::unique_ptr<BroadcastAcks> acks_;  // from the first one on
  std::size_t outgoing_listeners_ = 0;
  std::uint64_t walk_ = 0;
  std::string log_offset_;
};

}  // namespace banter::socketio
