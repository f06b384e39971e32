#include "server/core.h"

#include <cassert>
#include <stdexcept>
#include <utility>

#include "loop/mailbox.h"
#include "server/metrics.h"
#include "server/timers.h"
#include "socketio/memory_adapter.h"

namespace banter::detail {

namespace {

Options validated(Options options) {
  options.validate();
  return options;
}

}  // namespace

Core::Core(Options options, uv_loop_s* foreign)
    : options_(validated(std::move(options))),
      settings_(options_),
      budget_(std::make_shared<base::Budget>(options_.budget)),
      cors_(server::cors_settings(options_, static_cast<socketio::ProblemSink&>(*this))),
      registration_(std::make_shared<Registration>()),
      adapter_(std::make_unique<socketio::MemoryAdapter>()),
      recovery_(options_.recovery ? std::make_unique<server::RecoveryHome>(options_, *budget_) : nullptr),
      has_own_loop_(foreign == nullptr),
      worker_(std::make_unique<server::Worker>(
          server::Worker::Shared{options_, settings_, *registration_,
                                 static_cast<socketio::ProblemSink&>(*this), cors_, counters_, *adapter_,
                                 budget_, recovery_ ? &recovery_->shared() : nullptr},
          foreign)),
      port_(worker_->loop().port()) {
  registration_->engine_path = options_.path.ends_with('/') ? options_.path : options_.path + '/';
  if (options_.metrics_path) serve_metrics(*options_.metrics_path);
  registration_->router.set_error_handler([this](const http::Request& request, std::exception_ptr thrown) {
    Problem context;
    context.where = Problem::Where::http;
    context.event = request.path;
    socketio::call_user(*this, context, [&] { std::rethrow_exception(thrown); });
  });
}

Core::~Core() = default;

Metrics Core::metrics() const {
  Metrics metrics;
  server::add_to(metrics, counters_);
  metrics.limits.budget = budget_->refusals();
  metrics.memory = {budget_->used(), budget_->limit()};
  return metrics;
}

void Core::serve_metrics(const std::string& path) {
  registration_->router.get(path, [this](http::Request&, const http::Params&, http::Responder responder) {
    responder.send(http::Response(200, server::prometheus_type, server::prometheus_text(metrics())));
  });
}

Address Core::listen(std::string_view host, std::uint16_t port) {
  if (is_closing_) throw std::logic_error("banter: listen: the server is closed");
  registration_->is_open = false;
  worker_->begin();
  if (recovery_) recovery_->start(worker_->loop());
  Address bound = worker_->listen(host, port);
  if (registration_->log.wants(LogLevel::info)) {
    const std::string text = "listening on " + bound.host + " port " + std::to_string(bound.port);
    registration_->log.write({LogLevel::info, Layer::tcp, text, {}, {}, {}});
  }
  return bound;
}

void Core::run() {
  if (!has_own_loop_) throw std::logic_error("banter: run: the server lives on a loop of the application's");
  if (is_running_) throw std::logic_error("banter: run: the server runs already");
  if (is_closed()) return;
  if (options_.signals) {
    signals_ = std::make_unique<server::Signals>(worker_->loop(), [this] { close(nullptr); });
  }
  const std::shared_ptr<Core> alive = shared_from_this();
  is_running_ = true;
  worker_->loop().run();
  is_running_ = false;
}

void Core::close(Function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    if (done) when_closed_.push_back(std::move(done));
  }
  // Refused if the end has begun: then that one calls `done`.
  static_cast<void>(port_->post([this, alive = shared_from_this()] { begin_closing(); }));
}

bool Core::is_closed() {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

void Core::begin_closing() {
  if (std::exchange(is_closing_, true)) return;
  self_ = shared_from_this();
  registration_->log.write(
      {LogLevel::info, Layer::application, "closing: every client is sent away", {}, {}, {}});
  signals_.reset();
  worker_->close(options_.close_timeout, [this] { on_closed(); });
}

// The last call on the loop. What the application is told may destroy the Server.
void Core::on_closed() {
  const std::shared_ptr<Core> alive = std::move(self_);
  std::vector<Function<void()>> when_closed;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    when_closed.swap(when_closed_);
  }
  registration_->log.write({LogLevel::info, Layer::application, "closed", {}, {}, {}});
  Problem context;
  context.where = Problem::Where::task;
  context.event = "close";
  for (Function<void()>& done : when_closed)
    socketio::call_user(*this, context, [&] { done(); });
  if (!has_own_loop_) worker_.reset();
}

void Core::end() {
  assert(!is_running_ && "a Server must not be destroyed inside a handler");
  if (is_closed()) return;
  close(nullptr);
  if (has_own_loop_) worker_->loop().run();
}

bool Core::run_on(std::size_t worker, Function<void()> task) {
  if (worker != 0) return false;
  return port_->post([this, alive = shared_from_this(), task = std::move(task)]() mutable {
    Problem context;
    context.where = Problem::Where::task;
    context.event = "run_on";
    socketio::call_user(*this, context, [&] { task(); });
  });
}

std::uint64_t Core::after(std::chrono::milliseconds delay, Function<void()> task) {
  const std::uint64_t id = next_timer_.fetch_add(1, std::memory_order_relaxed);
  const auto add = [delay, id](server::Worker& worker, Function<void()>& later) {
    worker.timers().add(id, worker.loop().now() + server::bounded(delay), std::move(later));
  };
  if (port_->is_here()) {
    add(*server::Worker::of(*port_), task);
  } else {
    port_->post(
        [port = port_, add, task = std::move(task)]() mutable { add(*server::Worker::of(*port), task); });
  }
  return id;
}

// What handlers do wrong is on_error's; the log has it where nobody listens there.
void Core::log_problem(const Problem& problem) noexcept {
  const bool is_of_handler = problem.where != Problem::Where::origin && problem.where != Problem::Where::loop;
  const LogLevel level = is_of_handler ? LogLevel::error : LogLevel::warning;
  if (!registration_->log.wants(level) || (is_of_handler && registration_->on_error)) return;
  try {
    std::string text = problem.text;
    if (is_of_handler && !problem.event.empty()) text.insert(0, "\"" + std::string(problem.event) + "\": ");
    const Layer layer = problem.where == Problem::Where::origin ? Layer::http : Layer::application;
    registration_->log.write({level, layer, text, problem.nsp, problem.socket_id, {}});
  } catch (...) {  // no memory for a line
  }
}

// A handler that fails while it hears of a failure has nobody left to tell.
void Core::report(const Problem& problem) noexcept {
  log_problem(problem);
  if (!registration_->on_error) return;
  try {
    registration_->on_error(problem);
  } catch (...) {
  }
}

}  // namespace banter::detail
