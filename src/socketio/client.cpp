#include "socketio/client.h"

#include <algorithm>
#include <utility>

#include "engine/handshake_record.h"
#include "loop/error.h"
#include "socketio/hub.h"
#include "socketio/namespace.h"

namespace banter::socketio {

Client::Client(Hub& hub, engine::Link& link)
    : hub_(hub), link_(link), joining_(std::make_unique<Joining>(*this)) {
  loop::Loop& loop = hub.loop();
  joining_->deadline.set(loop.wheel(), loop.now() + hub.settings().connect_timeout);
  if (const auto& rate = hub.settings().event_rate)
    events_ = std::make_unique<TokenBucket>(*rate, loop.now());
}

Client::~Client() = default;

bool Client::is_native() const noexcept {
  return link_.transport() == Transport::native;
}

void Client::on_connect_timeout() {
  close({.kind = Reason::forced_close,
         .close_code = is_native() ? close_code::not_joined : std::uint16_t{0},
         .detail = "no namespace was joined within connect_timeout",
         .by = EndedBy::server,
         .layer = Layer::socketio});
}

void Client::has_joined() {
  joining_.reset();
}

Socket* Client::find(std::string_view nsp) const noexcept {
  for (const auto& socket : sockets_) {
    if (socket->nsp().name() == nsp) return socket.get();
  }
  return nullptr;
}

bool Client::allow_event() {
  if (!events_ || events_->take(hub_.loop().now())) return true;
  hub_.counters().rate_limited.add();
  close({.kind = Reason::forced_close,
         .close_code = is_native() ? close_code::policy_violation : std::uint16_t{0},
         .detail = "more events than event_rate allows",
         .by = EndedBy::server,
         .layer = Layer::socketio});
  return false;
}

Socket* Client::add_socket(Namespace& nsp, std::string auth) {
  std::unique_ptr<Socket> socket = hub_.make_socket(*this, nsp, std::move(auth));
  if (!socket) {
    hub_.namespaces().forget_if_empty(nsp);
    close({.kind = Reason::forced_close,
           .detail = "no random bytes for an id",
           .by = EndedBy::server,
           .layer = Layer::socketio});
    return nullptr;
  }
  sockets_.push_back(std::move(socket));
  return sockets_.back().get();
}

void Client::release(Socket& socket) {
  const auto found =
      std::find_if(sockets_.begin(), sockets_.end(), [&](const auto& own) { return own.get() == &socket; });
  if (found == sockets_.end()) return;
  hub_.loop().retire(std::move(*found));
  sockets_.erase(found);
}

void Client::disconnect() {
  if (!hub_.has_events_under_way() || sockets_.empty()) return disconnect_now();
  hub_.behind_own_events([&all = hub_, slot = sockets_.front()->ref().slot] {
    if (Socket* socket = all.find(slot)) socket->client().disconnect_now();
  });
}

// A handler may do anything meanwhile, so each step looks anew at what is there.
void Client::disconnect_now() {
  const auto joined = [](const auto& socket) { return socket->is_joined(); };
  for (;;) {
    const auto next = std::find_if(sockets_.begin(), sockets_.end(), joined);
    if (next == sockets_.end()) break;
    (*next)->disconnect_now();
  }
  close({.kind = Reason::server_namespace_disconnect, .by = EndedBy::server, .layer = Layer::application});
}

void Client::close(DisconnectReason reason) {
  if (std::exchange(is_closing_, true)) return;
  // The reference implementation says so: there the session's end comes later than the socket's.
  if (reason.kind == Reason::forced_close && !link_.is_reachable()) reason.kind = Reason::forced_server_close;
  link_.close(std::move(reason));
}

void Client::end_for_budget() {
  close({.kind = Reason::slow_consumer,
         .error = loop::Error::over_budget,
         .detail =
             "the budget of the process is spent, and packets of the client that are not complete, or not "
             "yet wanted, take most of it",
         .by = EndedBy::server,
         .layer = Layer::socketio});
}

void Client::fail(std::error_code error) {
  hub_.counters().invalid_packets.add();
  if (base::Log* const log = hub_.problems().log(); log && log->wants(LogLevel::warning)) {
    const std::string address = link_.handshake().to_public().address;
    log->write({LogLevel::warning, Layer::socketio, "invalid packet: " + error.message(), {}, {}, address});
  }
  close({.kind = Reason::forced_close, .error = error, .detail = error.message(), .layer = Layer::socketio});
}

// Handlers may do anything, so each socket is looked up anew.
template <class Call>
void Client::for_each_socket(Call call) {
  std::vector<detail::Slot> slots;
  for (const auto& socket : sockets_)
    slots.push_back(socket->ref().slot);
  for (const detail::Slot slot : slots) {
    if (Socket* socket = hub_.find(slot)) call(*socket);
  }
}

void Client::on_upgrade() {
  for_each_socket([](Socket& socket) { socket.hear_upgrade(); });
}

void Client::on_drain() {
  for_each_socket([](Socket& socket) {
    if (socket.is_joined()) socket.drained();
  });
}

// Handlers may do anything, so the sockets are taken one by one from what is still there.
void Client::on_close(const DisconnectReason& reason) {
  is_closing_ = true;
  joining_.reset();
  while (!sockets_.empty())
    sockets_.front()->leave(reason);
  hub_.release(*this);
}

}  // namespace banter::socketio
