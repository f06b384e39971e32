#include "server/worker.h"

#include <utility>

#include "server/request_router.h"
#include "socketio/namespace.h"

namespace banter::server {

Worker::Worker(const Shared& shared, uv_loop_s* foreign)
    : shared_(shared),
      loop_(foreign),
      native_(loop_, shared.settings.engine, shared.counters.engine),
      raw_(loop_, shared.problems, shared.counters),
      bare_(loop_, shared.problems),
      timers_(loop_, shared.problems) {
  if (shared.settings.deflate) compressors_.emplace(*shared.settings.deflate);
  loop_.port().set_owner(this);
  loop_.set_counters(shared.counters.loop);
  loop_.set_budget(shared.budget);
  loop_.set_stall_listener(static_cast<loop::StallListener*>(this), shared.options.stall_threshold);
}

Worker::~Worker() = default;

void Worker::begin() {
  if (hub_) return;
  hub_ = std::make_unique<socketio::Hub>(loop_, shared_.settings.socketio, counters().socketio,
                                         shared_.registration.namespaces, shared_.problems, compressors());
  if (shared_.recovery) hub_->use_recovery(*shared_.recovery);
  router_ = std::make_unique<RequestRouter>(*this);
  connections_ =
      std::make_unique<http::ConnectionSet>(loop_, *router_, shared_.settings.http, counters().http);
  cluster_ = std::make_unique<socketio::Cluster>(*hub_, shared_.adapter);
  cluster_->start([this] { on_ready(); });
}

void Worker::on_ready() {
  is_ready_ = true;
  for (const auto& listener : listeners_)
    listener->resume();
}

Address Worker::listen(std::string_view host, std::uint16_t port) {
  listeners_.push_back(std::make_unique<loop::Listener>(loop_, static_cast<loop::AcceptHandler&>(*this),
                                                        shared_.settings.stream, host, port));
  if (!is_ready_) listeners_.back()->hold();
  return listeners_.back()->bound();
}

void Worker::on_accept(loop::StreamPtr stream) {
  connections_->add(std::move(stream));
}

void Worker::on_stall(loop::Milliseconds length) {
  counters().stalls.add();
  Problem problem;
  problem.where = Problem::Where::loop;
  problem.text = "the loop stood still for " + std::to_string(length.count()) +
                 " ms: a handler blocks, or the machine is overloaded";
  shared_.problems.report(problem);
}

void Worker::close(loop::Milliseconds grace, Function<void()> done) {
  closed_ = std::move(done);
  is_closing_ = true;
  listeners_.clear();
  if (hub_) {
    connections_->stop_keep_alive();  // first, so that the last answers say so
    const DisconnectReason reason{.kind = Reason::server_shutting_down,
                                  .detail = "the server is shutting down",
                                  .by = EndedBy::server,
                                  .layer = Layer::application};
    hub_->close_all(reason);
    cluster_->stop();
    bare_.close_all(reason);
    router_->refuse_pending();
    raw_.shut_down();
  }
  close_deadline_.set(loop_.wheel(), loop_.now() + grace);
  loop_.when_quiet([this] { finish_closing(); });
}

// Once nobody is left, or the grace is over.
void Worker::finish_closing() {
  if (std::exchange(is_finishing_, true)) return;
  close_deadline_.cancel();
  timers_.cancel_all();
  raw_.drop_all();
  if (connections_) connections_->close_all();
  loop_.close([this] { std::exchange(closed_, {})(); });
}

}  // namespace banter::server
