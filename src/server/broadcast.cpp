#include "banter/broadcast.h"

#include <iterator>
#include <memory>
#include <utility>

#include "banter/remote_socket.h"
#include "server/handles.h"
#include "server/timers.h"
#include "socketio/cluster.h"
#include "socketio/gathering.h"
#include "socketio/payload.h"

namespace banter {

struct Broadcast::Parts {
  explicit Parts(const Broadcast& of)
      : nsp(of.nsp_),
        selector{of.rooms_, of.except_},
        how{.is_volatile = of.is_volatile_,
            .compress = of.compresses_,
            .is_latest = of.is_latest_,
            .key = of.key_},
        reach(of.is_local_ ? socketio::Reach::process : socketio::Reach::cluster) {
    if (of.timeout_) timeout = server::bounded(*of.timeout_);
  }

  // Applies `action`, which takes this and the Worker.
  template <class Action>
  static void with_worker(const Broadcast& of, Action action) {
    server::with_worker(of.port_, [parts = Parts(of), action = std::move(action)](
                                      server::Worker& worker) mutable { action(parts, worker); });
  }

  void publish(server::Worker& worker, const socketio::Operation& operation) const {
    worker.cluster().publish(nsp, operation, reach);
  }

  void request(server::Worker& worker, const socketio::Request& request,
               const std::shared_ptr<socketio::Gathering>& gathering) const {
    worker.cluster().request(nsp, request, gathering, reach);
  }

  std::uint32_t nsp;
  socketio::Selector selector;
  socketio::EmitFlags how;
  std::optional<loop::Milliseconds> timeout;
  socketio::Reach reach;
};

// --- what is selected, and how it is sent ---

namespace {

void add(std::vector<std::string>& all, Rooms& more) {
  if (all.empty()) {
    all = std::move(more.names());
  } else {
    std::move(more.names().begin(), more.names().end(), std::back_inserter(all));
  }
}

}  // namespace

Broadcast Broadcast::to(Rooms rooms) const {
  Broadcast changed = *this;
  add(changed.rooms_, rooms);
  return changed;
}

Broadcast Broadcast::except(Rooms rooms) const {
  Broadcast changed = *this;
  add(changed.except_, rooms);
  return changed;
}

Broadcast Broadcast::volatile_() const {
  Broadcast changed = *this;
  changed.is_volatile_ = true;
  return changed;
}

Broadcast Broadcast::latest(std::string_view key) const {
  Broadcast changed = *this;
  changed.is_latest_ = true;
  changed.key_ = key;
  return changed;
}

Broadcast Broadcast::compress(bool compresses) const {
  Broadcast changed = *this;
  changed.compresses_ = compresses;
  return changed;
}

Broadcast Broadcast::local() const {
  Broadcast changed = *this;
  changed.is_local_ = true;
  return changed;
}

Broadcast Broadcast::timeout(std::chrono::milliseconds timeout) const {
  Broadcast changed = *this;
  changed.timeout_ = timeout;
  return changed;
}

// --- sending and asking ---

void Broadcast::send(detail::OutgoingEvent& event) const {
  using Kind = socketio::Operation::Kind;
  if (!port_ || !port_->is_open()) return;
  const socketio::Payload payload = socketio::view_of(event.data(), event.name_end());
  if (port_->is_here()) {
    server::Worker* worker = server::begun_worker(*port_);
    if (!worker) return;
    const Parts parts(*this);
    return parts.publish(*worker, {.kind = Kind::broadcast,
                                   .selector = parts.selector,
                                   .event = payload,
                                   .delivery = parts.how.delivery()});
  }
  if (server::refuses_posts(*port_)) return;
  Parts::with_worker(*this, [owned = socketio::OwnedPayload(payload, port_->budget())](
                                Parts& parts, server::Worker& worker) {
    parts.publish(worker, {.kind = Kind::broadcast,
                           .selector = parts.selector,
                           .event = owned.view(),
                           .delivery = parts.how.delivery()});
  });
}

void Broadcast::send_question(detail::OutgoingEvent& event,
                              std::unique_ptr<detail::AnswerSink> answers) const {
  if (!port_ || !port_->is_open()) return;
  const socketio::Payload payload = socketio::view_of(event.data(), event.name_end());
  Parts::with_worker(*this, [owned = socketio::OwnedPayload(payload, port_->budget()),
                             answers = std::move(answers)](Parts& parts, server::Worker& worker) mutable {
    const socketio::Request request{.kind = socketio::Request::Kind::ask,
                                    .selector = parts.selector,
                                    .event = owned.view(),
                                    .delivery = parts.how.delivery(),
                                    .timeout = parts.timeout};
    parts.request(worker, request,
                  std::make_shared<socketio::Gathering>(worker.shared().problems, "", std::move(answers)));
  });
}

// --- queries ---

void Broadcast::fetch_sockets(Function<void(std::error_code, std::vector<RemoteSocket>)> done) const {
  Parts::with_worker(*this, [done = std::move(done)](Parts& parts, server::Worker& worker) mutable {
    auto call = [done = std::move(done), everyone = Broadcast(detail::PortRef(worker.loop().port()),
                                                              parts.nsp)](socketio::Gathered& all) mutable {
      std::vector<RemoteSocket> sockets;
      sockets.reserve(all.sockets.size());
      for (SocketRecord& record : all.sockets)
        sockets.emplace_back(everyone, std::move(record));
      done(all.error, std::move(sockets));
    };
    parts.request(
        worker,
        {.kind = socketio::Request::Kind::sockets, .selector = parts.selector, .timeout = parts.timeout},
        std::make_shared<socketio::Gathering>(worker.shared().problems, "fetch_sockets", std::move(call)));
  });
}

void Broadcast::count(Function<void(std::size_t)> done) const {
  Parts::with_worker(*this, [done = std::move(done)](Parts& parts, server::Worker& worker) mutable {
    parts.request(
        worker,
        {.kind = socketio::Request::Kind::count, .selector = parts.selector, .timeout = parts.timeout},
        std::make_shared<socketio::Gathering>(
            worker.shared().problems, "count",
            [done = std::move(done)](socketio::Gathered& all) mutable { done(all.count); }));
  });
}

// --- doing ---

void Broadcast::sockets_join(Rooms names) const {
  Parts::with_worker(*this, [rooms = std::move(names.names())](Parts& parts, server::Worker& worker) {
    parts.publish(worker,
                  {.kind = socketio::Operation::Kind::join, .selector = parts.selector, .rooms = rooms});
  });
}

void Broadcast::sockets_leave(Rooms names) const {
  Parts::with_worker(*this, [rooms = std::move(names.names())](Parts& parts, server::Worker& worker) {
    parts.publish(worker,
                  {.kind = socketio::Operation::Kind::leave, .selector = parts.selector, .rooms = rooms});
  });
}

void Broadcast::disconnect_sockets(Disconnect what) const {
  Parts::with_worker(*this, [what](Parts& parts, server::Worker& worker) {
    parts.publish(worker, {.kind = socketio::Operation::Kind::disconnect,
                           .selector = parts.selector,
                           .closes_connection = what == Disconnect::connection});
  });
}

}  // namespace banter
