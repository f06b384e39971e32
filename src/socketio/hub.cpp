#include "socketio/hub.h"

#include <algorithm>

#include "base/random.h"
#include "socketio/namespace.h"
#include "socketio/native_client.h"
#include "socketio/packet_client.h"

namespace banter::socketio {

Hub::Hub(loop::Loop& loop, const Settings& settings, Counters& counters, Registry& registry,
         ProblemSink& problems, websocket::Compressors* compressors)
    : loop_(loop),
      settings_(settings),
      counters_(counters),
      registry_(registry),
      problems_(problems),
      forms_(compressors),
      namespaces_(*this) {}

Hub::~Hub() = default;

engine::LinkHandler& Hub::accept(engine::Link& link) {
  return adopt(std::make_unique<PacketClient>(*this, link));
}

engine::LinkHandler& Hub::accept_native(engine::Link& link, const NamespaceDefinition& definition,
                                        std::optional<std::string> auth) {
  auto client = std::make_unique<NativeClient>(*this, link);
  NativeClient& joining = *client;
  engine::LinkHandler& handler = adopt(std::move(client));
  auth ? joining.join(part_of(definition), std::move(*auth)) : joining.await_auth(part_of(definition));
  return handler;
}

engine::LinkHandler& Hub::adopt(std::unique_ptr<Client> client) {
  client->place_ = clients_.size();
  clients_.push_back(std::move(client));
  counters_.clients.add();
  return *clients_.back();
}

void Hub::release(Client& client) {
  const std::size_t place = client.place_;
  std::swap(clients_[place], clients_.back());
  clients_[place]->place_ = place;
  loop_.retire(std::move(clients_.back()));
  clients_.pop_back();
  counters_.clients.subtract();
}

void Hub::use_recovery(const Recovery& recovery) {
  recovery_ = &recovery;
  recovery.log.add_reader(loop_.port(), static_cast<LogReader&>(*this));
}

void Hub::append(std::shared_ptr<LogEntry> entry) {
  entry->origin = &loop_.port();
  ++appended_;
  recovery_->log.append(std::move(entry));
}

void Hub::deliver(const LogEntry& entry) {
  if (Namespace* part = namespaces_.find(entry.event.nsp())) part->deliver(entry);
  if (entry.origin != &loop_.port()) return;
  ++delivered_;
  while (!waiting_.empty() && waiting_.front().behind <= delivered_) {
    loop_.defer(std::move(waiting_.front().task));  // not inside somebody's emit
    waiting_.erase(waiting_.begin());
  }
}

void Hub::behind_own_events(Function<void()> task) {
  waiting_.push_back({appended_, std::move(task)});
}

void Hub::close_all(const DisconnectReason& reason) {
  for (const auto& client : clients_)
    client->close(reason);
}

Socket* Hub::find(detail::Slot slot) const noexcept {
  if (slot.index >= slots_.size()) return nullptr;
  const Entry& entry = slots_[slot.index];
  return entry.generation == slot.generation ? entry.socket : nullptr;
}

std::unique_ptr<Socket> Hub::make_socket(Client& client, Namespace& nsp, std::string auth) {
  const std::optional<std::string> id = base::random_id();
  if (!id) return nullptr;
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  Entry& entry = slots_[index];
  if (++entry.generation == 0) entry.generation = 1;  // 0 names nobody
  detail::SocketRef ref{detail::PortRef(loop_.port()), {index, entry.generation}, nsp.definition().id, {}};
  std::copy_n(id->begin(), ref.id.size(), ref.id.begin());
  auto socket = std::make_unique<Socket>(client, nsp, std::move(ref), std::move(auth));
  entry.socket = socket.get();
  nsp.enter();
  return socket;
}

void Hub::release(const Socket& socket) {
  const std::uint32_t index = socket.ref().slot.index;
  slots_[index].socket = nullptr;
  free_slots_.push_back(index);
  socket.nsp().leave();
  namespaces_.forget_if_empty(socket.nsp());
}

}  // namespace banter::socketio
