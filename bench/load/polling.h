#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "load/connection.h"
#include "load/tcp.h"

namespace bench {

// A Socket.IO client on long-polling whose polls are held: each step knows exactly what the server has to
// send, and throws Failure at anything else. Steps are cut in two as those of Connection.
class PollingClient {
 public:
  // `endpoint` outlives the client.
  PollingClient(const Endpoint& endpoint, std::size_t number);

  void send_open();
  void expect_open();

  // Socket.IO's CONNECT to the main namespace, whose answer comes with a poll.
  void send_join();
  void expect_join_taken();
  void send_poll();
  void expect_join();

  // Posts a packet on a connection of somebody else, since the client's own is waiting for its poll.
  void post(TcpConnection& poster, std::string_view packet) const;

  // The held poll is answered with `expected`.
  void expect(std::string_view expected);

  // True if the held poll has been answered, with a ping and nothing else; does not wait.
  bool takes_ping();

 private:
  TcpConnection tcp_;
  const Endpoint* endpoint_;
  std::string target_;  // with the session's id
};

// Clients that are joined and hold a poll each. They share a second connection, so that what the server keeps
// for each of them is that of one connection and one session.
class PollingCrowd {
 public:
  explicit PollingCrowd(const Endpoint& endpoint);

  void add(std::size_t count);
  void answer_pings();

  // Each sends an event and awaits its echo.
  void echo(std::size_t size);

 private:
  void add_group(std::size_t count);

  const Endpoint& endpoint_;
  TcpConnection poster_;
  std::vector<PollingClient> clients_;
};

}  // namespace bench
