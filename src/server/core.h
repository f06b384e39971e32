// The server behind the facade: options, what was registered, and the Workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "banter/address.h"
#include "banter/error.h"
#include "banter/function.h"
#include "banter/metrics.h"
#include "banter/options.h"
#include "base/budget.h"
#include "server/recovery_home.h"
#include "server/registration.h"
#include "server/settings.h"
#include "server/signals.h"
#include "server/worker.h"
#include "socketio/adapter.h"
#include "socketio/user_code.h"

namespace banter::detail {

// Shared by the Server and, from close() on, by what is still closing: it goes with the last of them.
class Core final : public std::enable_shared_from_this<Core>, private socketio::ProblemSink {
 public:
  Core(Options options, uv_loop_s* foreign);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  [[nodiscard]] const std::shared_ptr<Registration>& registration() const noexcept { return registration_; }
  [[nodiscard]] Port& port() noexcept { return *port_; }  // of Worker 0

  Address listen(std::string_view host, std::uint16_t port);
  void run();
  void close(Function<void()> done);
  bool run_on(std::size_t worker, Function<void()> task);
  [[nodiscard]] std::uint64_t after(std::chrono::milliseconds delay, Function<void()> task);

  // Any thread, also after the end.
  [[nodiscard]] Metrics metrics() const;

  // The Server goes: closes what is open; with an own loop it returns when that is done.
  void end();

 private:
  void report(const Problem& problem) noexcept override;
  [[nodiscard]] base::Log* log() noexcept override { return &registration_->log; }
  void log_problem(const Problem& problem) noexcept;
  void serve_metrics(const std::string& path);
  void begin_closing();
  void on_closed();
  [[nodiscard]] bool is_closed();

  const Options options_;
  const server::Settings settings_;
  const std::shared_ptr<base::Budget> budget_;
  const http::Cors cors_;
  std::shared_ptr<Registration> registration_;
  std::unique_ptr<socketio::Adapter> adapter_;
  std::unique_ptr<server::RecoveryHome> recovery_;  // null: off
  bool has_own_loop_;
  server::Counters counters_;
  std::unique_ptr<server::Worker> worker_;  // goes in on_closed(), or if it never ran
  PortRef port_;
  std::unique_ptr<server::Signals> signals_;
  std::atomic<std::uint64_t> next_timer_{1};

  std::mutex mutex_;  // guards the next two
  std::vector<Function<void()>> when_closed_;
  bool is_closed_ = false;

  // On the Worker's thread.
  bool is_closing_ = false;
  bool is_running_ = false;
  std::shared_ptr<Core> self_;  // from begin_closing() to on_closed()
};

}  // namespace banter::detail
