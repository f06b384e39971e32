#include "socketio/namespace.h"

#include "socketio/client.h"
#include "socketio/encoded_event.h"
#include "socketio/event_log.h"
#include "socketio/hub.h"
#include "socketio/socket.h"
#include "socketio/split_event.h"

namespace banter::socketio {

void Namespace::add(Socket& socket) {
  socket.place_ = static_cast<std::uint32_t>(all_.size());
  socket.in_own_room_ = true;
  all_.push_back(&socket);
  by_id_.emplace(socket.id(), &socket);
}

void Namespace::remove(Socket& socket) {
  std::vector<std::string> emptied;
  rooms_.leave_all(socket, is_watched() ? &emptied : nullptr);
  for (const std::string& room : emptied)
    tell(room, Presence::absent);
  socket.in_own_room_ = false;
  by_id_.erase(socket.id());
  all_.back()->place_ = socket.place_;
  all_[socket.place_] = all_.back();
  all_.pop_back();
}

bool Namespace::join(Socket& socket, std::string_view room) {
  if (room == socket.id()) {
    socket.in_own_room_ = true;
    return true;
  }
  const bool is_full = RoomIndex::count_of(socket) >= hub_.settings().max_rooms;
  if (is_full) return rooms_.contains(socket, room);
  if (rooms_.join(socket, room)) tell(room, Presence::present);
  return true;
}

void Namespace::leave(Socket& socket, std::string_view room) {
  if (room == socket.id()) {
    socket.in_own_room_ = false;
  } else if (rooms_.leave(socket, room)) {
    tell(room, Presence::absent);
  }
}

std::vector<std::string> Namespace::rooms_of(const Socket& socket) const {
  std::vector<std::string> rooms = rooms_.rooms_of(socket);
  if (socket.in_own_room_) rooms.emplace(rooms.begin(), socket.id());
  return rooms;
}

std::vector<RoomInfo> Namespace::rooms() const {
  std::vector<RoomInfo> rooms;
  rooms.reserve(rooms_.size());
  rooms_.for_each([&](const std::string& name, std::size_t size) { rooms.push_back({name, size}); });
  return rooms;
}

void Namespace::tell(std::string_view room, Presence presence) {
  if (is_watched()) hub_.room_watcher()->on_room(*this, room, presence);
}

bool Namespace::is_watched() const noexcept {
  const RoomWatcher* watcher = hub_.room_watcher();
  return watcher && watcher->watches(*this);
}

template <class Visit>
void Namespace::for_each_in(std::string_view room, Visit visit) {
  for (const Room::Entry& entry : rooms_.members(room))
    visit(static_cast<Socket&>(*entry.member));
  const auto own = by_id_.find(room);
  if (own != by_id_.end() && own->second->in_own_room_) visit(*own->second);
}

// Excluded sockets get this walk's mark first, so that the rooms then pass them over as already visited.
void Namespace::select_into(const Selector& selector, std::vector<Socket*>& out) {
  ++walk_;
  const auto take = [&](Socket& socket) {
    const bool is_new = std::exchange(socket.walk_, walk_) != walk_;
    if (is_new && socket.is_joined()) out.push_back(&socket);  // not one whose `disconnecting` handler runs
  };
  for (const std::string& room : selector.except) {
    for_each_in(room, [&](Socket& socket) { socket.walk_ = walk_; });
  }
  for (const std::string& room : selector.rooms)
    for_each_in(room, take);
  if (!selector.rooms.empty()) return;
  for (Socket* socket : all_)
    take(*socket);
}

void Namespace::emit(const Payload& payload, const Selector& selector, engine::Delivery delivery) {
  if (!hub_.recovery()) return broadcast(EncodedEvent(name(), payload), selector, delivery);
  std::shared_ptr<LogEntry> entry = make_entry(payload, std::nullopt);
  entry->selector = selector;
  entry->set_delivery(delivery);
  entry->is_stored = delivery.policy != loop::Policy::drop;
  hub_.append(std::move(entry));
}

std::shared_ptr<LogEntry> Namespace::make_entry(const Payload& payload,
                                                std::optional<std::uint64_t> ack_id) const {
  return std::make_shared<LogEntry>(name(), payload, ack_id);
}

void Namespace::deliver(const LogEntry& entry) {
  if (entry.takes_offset()) log_offset_ = entry.event.extras().offset;
  if (!entry.is_for_one()) return broadcast(entry.event, entry.selector, entry.delivery());
  const auto found = by_id_.find(entry.sid);
  if (found == by_id_.end()) return;
  std::string key;
  send(*found->second, entry.event, scoped(entry.delivery(), key));
}

// User code may do anything, also broadcast, so the selection is put aside meanwhile. Sockets that leave are
// there to the end of the turn.
void Namespace::tell_outgoing(const EncodedEvent& event) {
  std::vector<Socket*> selected = std::exchange(selected_, {});
  const SplitEvent split(event.payload());
  for (Socket* socket : selected) {
    if (socket->is_joined() && socket->has_outgoing_catch_alls()) socket->hear_outgoing(split);
  }
  std::erase_if(selected, [](const Socket* socket) { return !socket->is_joined(); });
  selected_ = std::move(selected);
}

// No name of a namespace has a comma, which ends it in packets.
engine::Delivery Namespace::scoped(engine::Delivery delivery, std::string& key) const {
  if (delivery.policy != loop::Policy::latest) return delivery;
  key.assign(name()).append(",").append(delivery.key);
  return {delivery.policy, delivery.compress, key};
}

// Sending calls no user code, so the selection cannot change meanwhile.
void Namespace::broadcast(const EncodedEvent& event, const Selector& selector, engine::Delivery delivery) {
  selected_.clear();
  select_into(selector, selected_);
  if (has_outgoing_listeners()) tell_outgoing(event);
  std::string key;
  const engine::Delivery in_scope = scoped(delivery, key);
  for (Socket* socket : selected_)
    send(*socket, event, in_scope);
}

SendResult Namespace::send(Socket& socket, const EncodedEvent& event, engine::Delivery delivery) {
  engine::Link& link = socket.client().link();
  const SendResult result =
      link.send_form(event.form(link.form_kind(delivery.compress), hub_.forms()), delivery);
  Counters& counters = hub_.counters();
  if (result == SendResult::closed) return result;
  if (result == SendResult::dropped) {
    counters.dropped.add();
  } else {
    counters.events_out.add();
    socket.note_sent(event.extras().offset);
  }
  return result;
}

void Namespace::ask(const EncodedEvent& event, const Selector& selector, engine::Delivery delivery,
                    loop::TimePoint deadline, std::shared_ptr<Collector> collector) {
  selected_.clear();
  select_into(selector, selected_);
  if (has_outgoing_listeners()) tell_outgoing(event);
  collector->on_targets(selected_.size());
  Asked asked;
  std::string key;
  const engine::Delivery in_scope = scoped(delivery, key);
  for (Socket* socket : selected_) {
    const SendResult result = send(*socket, event, in_scope);
    const bool is_asked = result != SendResult::closed && result != SendResult::dropped;
    if (is_asked) {
      asked.sockets.push_back(socket->ref().slot);
    } else {
      asked.missed.emplace_back(socket->id());
    }
  }
  // Who misses a volatile event has not left.
  if (!asked.missed.empty())
    asked.error = delivery.policy == loop::Policy::drop ? AckError::timeout : AckError::disconnected;
  if (!acks_) acks_ = std::make_unique<BroadcastAcks>(hub_);
  acks_->add(*event.extras().ack_id, std::move(asked), deadline, std::move(collector));
}

bool Namespace::answer(std::uint64_t id, const Socket& socket, const Args& args) {
  return acks_ && acks_->answer(id, socket, args);
}

void Namespace::stop_awaiting(const Socket& socket) {
  if (acks_) acks_->remove(socket);
}

std::vector<Socket*> Namespace::select(const Selector& selector) {
  std::vector<Socket*> sockets;
  select_into(selector, sockets);
  return sockets;
}

std::size_t Namespace::count(const Selector& selector) {
  if (selector.rooms.empty() && selector.except.empty()) return size();
  selected_.clear();
  select_into(selector, selected_);
  return selected_.size();
}

}  // namespace banter::socketio
