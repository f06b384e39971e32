#include "load/polling.h"

#include <algorithm>
#include <charconv>

#include "load/failure.h"
#include "load/message.h"

namespace bench {
namespace {

using Wait = TcpConnection::Wait;

constexpr std::string_view head_end = "\r\n\r\n";

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = head.find(name);
  if (at == head.npos) throw Failure("no Content-Length in " + quoted(head));
  std::size_t length = 0;
  std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return length;
}

// The body of the next answer, which must be 200.
std::string receive_body(TcpConnection& tcp) {
  for (;;) {
    const std::string_view input = tcp.input();
    const std::size_t end = input.find(head_end);
    if (end != input.npos) {
      const std::string_view head = input.substr(0, end);
      if (head.substr(0, 13) != "HTTP/1.1 200 ") throw Failure("the server answered " + quoted(input));
      const std::size_t size = end + head_end.size() + content_length(head);
      if (input.size() >= size) {
        const std::string body(input.substr(0, size).substr(end + head_end.size()));
        tcp.take(size);
        return body;
      }
    }
    if (!tcp.fill(Wait::for_input)) throw Failure("the server ended the connection");
  }
}

void expect_body(TcpConnection& tcp, std::string_view expected) {
  const std::string body = receive_body(tcp);
  if (body != expected) throw Failure("the server sent " + quoted(body) + " instead of " + quoted(expected));
}

void send_post(TcpConnection& tcp, const std::string& target, std::string_view packet) {
  tcp.send("POST " + target +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: " +
           std::to_string(packet.size()) + "\r\n\r\n" + std::string(packet));
}

std::string sid_in(std::string_view packet) {
  constexpr std::string_view start = R"(0{"sid":")";
  const std::size_t end = packet.find('"', start.size());
  if (!packet.starts_with(start) || end == packet.npos) {
    throw Failure("the server sent " + quoted(packet) + " instead of an open packet");
  }
  return std::string(packet.substr(start.size(), end - start.size()));
}

}  // namespace

PollingClient::PollingClient(const Endpoint& endpoint, std::size_t number)
    : tcp_{endpoint.port, number}, endpoint_{&endpoint} {}

void PollingClient::send_open() {
  tcp_.send("GET " + endpoint_->path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

void PollingClient::expect_open() {
  target_ = endpoint_->path + "&sid=" + sid_in(receive_body(tcp_));
}

void PollingClient::send_join() {
  send_post(tcp_, target_, "40");
}

void PollingClient::expect_join_taken() {
  expect_body(tcp_, "ok");
}

void PollingClient::send_poll() {
  tcp_.send("GET " + target_ + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

// Two packets, with a record separator between them: the second is what the test server tells every socket
// first.
void PollingClient::expect_join() {
  const std::string body = receive_body(tcp_);
  if (!body.starts_with("40{") || !body.ends_with("\x1E"
                                                  R"(42["auth",{}])")) {
    throw Failure("the server sent " + quoted(body) + " for a CONNECT");
  }
}

void PollingClient::post(TcpConnection& poster, std::string_view packet) const {
  send_post(poster, target_, packet);
  expect_body(poster, "ok");
}

void PollingClient::expect(std::string_view expected) {
  expect_body(tcp_, expected);
}

bool PollingClient::takes_ping() {
  tcp_.fill(Wait::not_at_all);
  if (tcp_.has_ended()) throw Failure("the server ended an idle connection");
  if (tcp_.input().empty()) return false;
  expect_body(tcp_, "2");
  return true;
}

PollingCrowd::PollingCrowd(const Endpoint& endpoint) : endpoint_{endpoint}, poster_{endpoint.port, 0} {}

void PollingCrowd::add(std::size_t count) {
  constexpr std::size_t group_size = 50;  // enough to keep the server awake, as in crowd.cpp
  clients_.reserve(clients_.size() + count);
  for (std::size_t done = 0; done < count; done += group_size)
    add_group(std::min(group_size, count - done));
}

void PollingCrowd::add_group(std::size_t count) {
  const std::size_t start = clients_.size();
  for (std::size_t i = 0; i < count; ++i)
    clients_.emplace_back(endpoint_, start + i + 1).send_open();
  const auto each = [&](auto step) {
    std::for_each(clients_.begin() + static_cast<std::ptrdiff_t>(start), clients_.end(), step);
  };
  each([](PollingClient& client) { client.expect_open(); });
  each([](PollingClient& client) { client.send_join(); });
  each([](PollingClient& client) { client.expect_join_taken(); });
  each([](PollingClient& client) { client.send_poll(); });
  each([](PollingClient& client) { client.expect_join(); });
  each([](PollingClient& client) { client.send_poll(); });
}

void PollingCrowd::answer_pings() {
  for (PollingClient& client : clients_) {
    if (!client.takes_ping()) continue;
    client.post(poster_, "3");
    client.send_poll();
  }
}

void PollingCrowd::echo(std::size_t size) {
  Message message("echo", size);
  std::uint64_t number = 0;
  for (PollingClient& client : clients_)
    client.post(poster_, message.numbered(number++));
  number = 0;
  for (PollingClient& client : clients_)
    client.expect(message.numbered(number++));
}

}  // namespace bench
