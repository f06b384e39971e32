// One event loop and everything its connections own. Nothing inside is shared; what crosses goes through the
// Port.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "banter/address.h"
#include "banter/function.h"
#include "base/budget.h"
#include "engine/native_link.h"
#include "http/connection_set.h"
#include "http/cors.h"
#include "loop/listener.h"
#include "loop/loop.h"
#include "server/counters.h"
#include "server/engine_sockets.h"
#include "server/raw_websocket.h"
#include "server/registration.h"
#include "server/settings.h"
#include "socketio/cluster.h"
#include "socketio/hub.h"
#include "socketio/timers.h"

namespace banter::server {

class RequestRouter;

// All on its loop's thread, unless it says otherwise.
class Worker final : private loop::AcceptHandler, private loop::StallListener {
 public:
  // What all Workers share; outlives them.
  struct Shared {
    const Options& options;
    const Settings& settings;
    detail::Registration& registration;
    socketio::ProblemSink& problems;
    const http::Cors& cors;
    Counters& counters;  // of this Worker alone
    socketio::Adapter& adapter;
    const std::shared_ptr<base::Budget>& budget;
    const socketio::Recovery* recovery;  // null: off
  };

  // On `foreign`, or a loop of its own if that is null. Nothing is served before begin().
  Worker(const Shared& shared, uv_loop_s* foreign);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  [[nodiscard]] static Worker* of(const Port& port) noexcept { return static_cast<Worker*>(port.owner()); }

  // Makes its part of the namespaces; registration has ended.
  void begin();

  // Binds; connections are accepted when the adapter is ready. Throws std::system_error that names host and
  // port.
  Address listen(std::string_view host, std::uint16_t port);

  // Ends everything that is served here, gives what is queued up to `grace` to be sent, then closes the loop;
  // `done` is the last call of all.
  void close(loop::Milliseconds grace, Function<void()> done);

  // From close() on requests are answered 503.
  [[nodiscard]] bool is_closing() const noexcept { return is_closing_; }

  // Whether begin() was called; before that there is no hub.
  [[nodiscard]] bool has_begun() const noexcept { return hub_ != nullptr; }
  [[nodiscard]] socketio::Hub& hub() const noexcept { return *hub_; }
  [[nodiscard]] socketio::Cluster& cluster() const noexcept { return *cluster_; }
  [[nodiscard]] RequestRouter& router() const noexcept { return *router_; }

  [[nodiscard]] loop::Loop& loop() noexcept { return loop_; }
  [[nodiscard]] Counters& counters() noexcept { return shared_.counters; }
  [[nodiscard]] websocket::Compressors* compressors() noexcept {
    return compressors_ ? &*compressors_ : nullptr;
  }
  [[nodiscard]] socketio::Timers& timers() noexcept { return timers_; }
  [[nodiscard]] RawTable& raw_sockets() noexcept { return raw_; }
  [[nodiscard]] EngineConnections& engine_sockets() noexcept { return bare_; }
  [[nodiscard]] engine::NativeTable& native_links() noexcept { return native_; }
  [[nodiscard]] const Shared& shared() const noexcept { return shared_; }

 private:
  void on_accept(loop::StreamPtr stream) override;
  void on_stall(loop::Milliseconds length) override;
  void on_ready();
  void finish_closing();

  Shared shared_;
  loop::Loop loop_;
  std::optional<websocket::Compressors>
      compressors_;  // outlives the connections; absent: they do not compress
  engine::NativeTable native_;
  RawTable raw_;
  EngineConnections bare_;
  socketio::Timers timers_;
  std::unique_ptr<RequestRouter> router_;
  std::unique_ptr<socketio::Hub> hub_;
  std::unique_ptr<socketio::Cluster> cluster_;
  std::unique_ptr<http::ConnectionSet> connections_;
  std::vector<std::unique_ptr<loop::Listener>> listeners_;
  loop::Deadline close_deadline_{*this, loop::Deadline::Calls<&Worker::finish_closing>{}};
  Function<void()> closed_;
  bool is_ready_ = false;  // the adapter has joined its cluster
  bool is_closing_ = false;
  bool is_finishing_ = false;
};

}  // namespace banter::server
