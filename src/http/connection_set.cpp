#include "http/connection_set.h"

#include <chrono>
#include <utility>

#include "http/connection.h"
#include "http/date.h"

namespace banter::http {

std::int64_t system_seconds() noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

ConnectionSet::ConnectionSet(loop::Loop& loop, RequestHandler& handler, const Settings& settings,
                             Counters& counters)
    : loop_(loop), handler_(handler), settings_(settings), counters_(counters) {}

ConnectionSet::~ConnectionSet() {
  close_all();
}

void ConnectionSet::add(loop::StreamPtr stream) {
  counters_.connections.add();
  counters_.open_connections.add();
  auto connection = std::make_unique<Connection>(*this, std::move(stream));
  connection->index_ = static_cast<std::uint32_t>(live_.size());
  live_.push_back(std::move(connection));
  live_.back()->start();
}

void ConnectionSet::stop_keep_alive() {
  keeps_alive_ = false;
  // From the back: a connection that ends is replaced by the last one.
  for (std::size_t i = live_.size(); i-- > 0;) {
    if (i < live_.size()) live_[i]->stop_keep_alive();
  }
}

void ConnectionSet::close_all() {
  while (!live_.empty())
    live_.back()->close();
}

void ConnectionSet::remove(Connection& connection) {
  const std::uint32_t index = connection.index_;
  std::swap(live_[index], live_.back());
  live_[index]->index_ = index;
  loop_.retire(std::move(live_.back()));
  live_.pop_back();
  counters_.open_connections.subtract();
}

std::string_view ConnectionSet::date() {
  const std::int64_t now = settings_.wall_clock();
  if (now != date_second_) {
    date_second_ = now;
    date_ = format_date(now);
  }
  return date_;
}

}  // namespace banter::http
