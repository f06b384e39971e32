// One Worker's Socket.IO: its clients, its part of every namespace, and the table that handles lead into.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "banter/handle.h"
#include "engine/link.h"
#include "loop/loop.h"
#include "socketio/adapter.h"
#include "socketio/client.h"
#include "socketio/definition.h"
#include "socketio/namespace_parts.h"
#include "socketio/packet.h"
#include "socketio/recovery.h"
#include "socketio/settings.h"
#include "socketio/socket.h"
#include "socketio/user_code.h"

namespace banter::socketio {

class Namespace;

// Hears which rooms come and go in a Worker's part of a namespace. May not change them.
class RoomWatcher {
 public:
  [[nodiscard]] virtual bool watches(
      const Namespace& nsp) const noexcept = 0;  // else on_room() is not called
  virtual void on_room(Namespace& nsp, std::string_view room, Presence presence) = 0;

 protected:
  ~RoomWatcher() = default;
};

class Hub final : private LogReader {
 public:
  // All arguments outlive the Hub; `registry` no longer changes.
  Hub(loop::Loop& loop, const Settings& settings, Counters& counters, Registry& registry,
      ProblemSink& problems, websocket::Compressors* compressors = nullptr);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // A new connection that speaks Socket.IO packets; it outlives its on_close.
  engine::LinkHandler& accept(engine::Link& link);

  // A new connection with plain JSON events, which joins the static namespace `definition` at once with the
  // JSON `auth`; without it when the client has sent that as its first message.
  engine::LinkHandler& accept_native(engine::Link& link, const NamespaceDefinition& definition,
                                     std::optional<std::string> auth);

  // The socket a handle means; null if it is gone.
  [[nodiscard]] Socket* find(detail::Slot slot) const noexcept;

  // Recovery is on from now on: everything that namespaces send goes through its log. `recovery` outlives the
  // Hub. Before the first client.
  void use_recovery(const Recovery& recovery);
  [[nodiscard]] const Recovery* recovery() const noexcept { return recovery_; }

  // Sends an event of this Worker's through the log.
  void append(std::shared_ptr<LogEntry> entry);

  // Whether an event that this Worker has appended is not delivered yet; and a way to wait for that. `task`
  // runs once the newest of them is.
  [[nodiscard]] bool has_events_under_way() const noexcept { return appended_ != delivered_; }
  void behind_own_events(Function<void()> task);

  // May be null; then rooms come and go unheard.
  void set_room_watcher(RoomWatcher* watcher) noexcept { room_watcher_ = watcher; }
  [[nodiscard]] RoomWatcher* room_watcher() const noexcept { return room_watcher_; }

  // Closes every connection; no new one may be given afterwards.
  void close_all(const DisconnectReason& reason);

  [[nodiscard]] loop::Loop& loop() const noexcept { return loop_; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] Registry& registry() const noexcept { return registry_; }
  [[nodiscard]] ProblemSink& problems() const noexcept { return problems_; }
  [[nodiscard]] const engine::FormMaker& forms() const noexcept { return forms_; }
  [[nodiscard]] NamespaceParts& namespaces() noexcept { return namespaces_; }
  [[nodiscard]] const NamespaceParts& namespaces() const noexcept { return namespaces_; }

  // This Worker's part of a static namespace, or of one that it knows to have a part of.
  [[nodiscard]] Namespace& part_of(const NamespaceDefinition& definition) const noexcept {
    return *namespaces_.find(definition.id);
  }

 private:
  friend class Client;
  friend class PacketClient;
  friend class NativeClient;
  friend class Socket;

  struct Entry {
    Socket* socket = nullptr;
    std::uint32_t generation = 0;
  };

  // Null if there are no random bytes for an id.
  [[nodiscard]] std::unique_ptr<Socket> make_socket(Client& client, Namespace& nsp, std::string auth);

  // No handle finds the socket any more, and its namespace may be forgotten.
  void release(const Socket& socket);
  engine::LinkHandler& adopt(std::unique_ptr<Client> client);
  void release(Client& client);

  void deliver(const LogEntry& entry) override;

  // Filled anew for every packet, so that its memory is used again.
  [[nodiscard]] Packet& packet() noexcept { return packet_; }

  loop::Loop& loop_;
  const Settings& settings_;
  Counters& counters_;
  Registry& registry_;
  ProblemSink& problems_;
  engine::FormMaker forms_;
  NamespaceParts namespaces_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Entry> slots_;
  std::vector<std::uint32_t> free_slots_;
  Packet packet_;
  RoomWatcher* room_watcher_ = nullptr;

  const Recovery* recovery_ = nullptr;  // null: off
  std::uint64_t appended_ = 0;          // to the log, by this Worker
  std::uint64_t delivered_ = 0;         // of those, and they come in that order
  struct Waiting {
    std::uint64_t behind;
    Function<void()> task;
  };
  std::vector<Waiting> waiting_;
};

}  // namespace banter::socketio
