#include "churn.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "failure.h"

namespace churn {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds time_to_rest{2};
constexpr std::int64_t most_growth = 64 * 1024;
constexpr std::size_t most_clients_at_a_time = 3'500;

std::size_t warm_up_of(const Options& options) {
  return rounded_up(options.clients / 10);
}

// How many clients there are at a time: as the limit of open files allows. Where memory is compared the
// warm-up must have seen as many: what the server keeps grows with their number.
std::size_t size_of_crowd(const Options& options) {
  constexpr rlim_t others = 64;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_with_errno("setrlimit");
  const std::size_t allowed = (std::max(limit.rlim_cur, 2 * others) - others) / most_lines;
  const std::size_t stages_at_once = options.is_together ? stage_count : 1;
  const std::size_t wanted = options.compares_heap ? warm_up_of(options) : options.clients;
  return std::min({most_clients_at_a_time, allowed, wanted * stages_at_once});
}

// So many connections may wait to be accepted, with some room left.
std::size_t listen_queue() {
  std::size_t length = 128;
  std::ifstream("/proc/sys/net/core/somaxconn") >> length;
  return length - length / 8;
}

}  // namespace

bool Row::is_clean(const Options& options) const {
  return !leaves_something() && (!options.compares_heap || growth() <= most_growth);
}

Churn::Churn(const Options& options)
    : options_(options),
      size_(size_of_crowd(options)),
      descriptors_before_(server_.descriptors()),
      crowd_(server_.port(), size_) {}

void Churn::warm_up() {
  crowd_.plan(std::span(&stages().back(), 1), size_);
  server_.pause();
  crowd_.begin(std::min(size_, listen_queue()));
  server_.resume();
  crowd_.run();
}

Row Churn::measure(std::string_view name, std::span<const Stage> stages) {
  crowd_.plan(stages, warm_up_of(options_));
  crowd_.run();
  Row row{.name = std::string(name), .clients = options_.clients * stages.size(), .before = at_rest()};
  const auto start = std::chrono::steady_clock::now();
  crowd_.plan(stages, options_.clients);
  crowd_.run();
  row.time = std::chrono::steady_clock::now() - start;
  row.after = at_rest();
  row.descriptors_left = server_.descriptors() - descriptors_before_;
  check_course(row, stages);
  return row;
}

// What the server has once nothing is left; or, if something stays, what it has after the time it is given.
Report Churn::at_rest() const {
  const auto give_up = std::chrono::steady_clock::now() + time_to_rest;
  for (;;) {
    const Report report = server_.report();
    const bool rests =
        report.sessions + report.connections == 0 && server_.descriptors() == descriptors_before_;
    if (rests || std::chrono::steady_clock::now() > give_up) return report;
    std::this_thread::sleep_for(20ms);
  }
}

// Sessions were opened where they should be, and those whose clients fell silent were given up; but for a few
// whose client or server was kept from the processor for longer than the short times allow.
void Churn::check_course(const Row& row, std::span<const Stage> stages) const {
  std::size_t fewest = 0;
  std::size_t most = 0;
  for (const Stage& stage : stages) {
    if (stage.opens == Opens::always) fewest += options_.clients;
    if (stage.opens != Opens::never) most += options_.clients;
  }
  const std::size_t few = row.clients / 20;
  const auto require = [&](bool is_so, std::uint64_t count, std::string_view what) {
    if (!is_so) throw Failure(row.name + ": " + std::to_string(count) + ' ' + std::string(what));
  };
  const std::size_t turned_away = crowd_.turned_away();
  require(turned_away <= few, turned_away, "clients were turned away");
  require(row.opened() + turned_away >= fewest && row.opened() <= most, row.opened(), "sessions were opened");
  require(row.given_up() + few >= silent_among(row.clients), row.given_up(), "clients were given up");
}

}  // namespace churn
