// The HTTP connections of one Worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/counters.h"
#include "http/request_handler.h"
#include "http/settings.h"
#include "loop/loop.h"
#include "loop/stream.h"

namespace banter::http {

class Connection;

// A resource on one Loop. The handler, the settings and the counters must outlive it and the loop's next
// turn.
class ConnectionSet {
 public:
  ConnectionSet(loop::Loop& loop, RequestHandler& handler, const Settings& settings, Counters& counters);
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;
  ~ConnectionSet();  // close_all()

  // Takes on a connection that was accepted.
  void add(loop::StreamPtr stream);

  // From now on each connection ends with its next answer, and idle ones at once: for a server that drains.
  void stop_keep_alive();

  // Ends all connections at once; open exchanges hear of it.
  void close_all();

  // Connections, without those that are upgraded or only wait for the client to read the last answer.
  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

 private:
  friend class Connection;
  friend class Exchange;

  void remove(Connection& connection);
  [[nodiscard]] std::string_view date();

  loop::Loop& loop_;
  RequestHandler& handler_;
  const Settings& settings_;
  Counters& counters_;
  std::vector<std::unique_ptr<Connection>> live_;
  std::int64_t date_second_ = -1;
  std::string date_;
  bool keeps_alive_ = true;
};

}  // namespace banter::http
