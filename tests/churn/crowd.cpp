#include "crowd.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "failure.h"

namespace churn {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_begun_at_once = 64;  // well below the length of a listen queue
constexpr std::chrono::seconds patience{2};     // while not one client reaches its stage

// Longer than every timeout that ends a session or an HTTP connection.
constexpr std::chrono::milliseconds silence = 700ms;

// As long as a session outlives its client: until the pong is overdue. With this the number of places bounds
// the number of sessions, and with it what the server has ever allocated room for.
constexpr std::chrono::milliseconds aftermath = 600ms;

// Some go before the server has read what they have sent last, some after.
std::chrono::milliseconds hesitation(std::size_t number) {
  return 5ms * (number % clients_in_group / 4);
}

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

// Another source address every few thousand connections: those that ended with FIN keep their ports for a
// minute.
std::uint32_t source_host(std::size_t number) {
  constexpr std::size_t connections_per_address = 4'000;
  constexpr std::size_t addresses = 250;
  return INADDR_LOOPBACK + static_cast<std::uint32_t>(number / connections_per_address % addresses);
}

template <class T>
void set_option(int fd, int level, int name, const T& value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) fail_with_errno("setsockopt");
}

Descriptor connect_to(std::uint16_t port, std::size_t number) {
  Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) fail_with_errno("socket");
  set_option(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  const auto source = address_of(source_host(number), 0);
  const auto target = address_of(INADDR_LOOPBACK, port);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) fail_with_errno("bind");
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    fail_with_errno("connect");
  }
  fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  return fd;
}

// Bytes, or nothing at the moment; false at the end of the connection.
bool read_some(int fd, std::string& input) {
  char buffer[4096];
  for (;;) {
    const ssize_t length = recv(fd, buffer, sizeof buffer, 0);
    if (length < 0 && errno == EAGAIN) return true;
    if (length <= 0) return false;
    input.append(buffer, static_cast<std::size_t>(length));
  }
}

// False if the server has ended the connection. There is always room for the little that is sent here.
bool send_all(int fd, std::string_view bytes) {
  return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::string filled_in(std::string_view text, std::string_view sid) {
  constexpr std::string_view placeholder = "{sid}";
  std::string filled(text);
  const std::size_t at = filled.find(placeholder);
  if (at != std::string::npos) filled.replace(at, placeholder.size(), sid);
  return filled;
}

std::string sid_in(std::string_view input) {
  constexpr std::string_view before = "\"sid\":\"";
  const std::size_t at = input.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = input.substr(at + before.size());
  return std::string(rest.substr(0, rest.find('"')));
}

// With unread input a close would send RST as well.
void close_with_fin(Descriptor& fd) {
  std::string unread;
  static_cast<void>(read_some(fd.get(), unread));
  fd.reset();
}

void close_with_rst(Descriptor& fd) {
  set_option(fd.get(), SOL_SOCKET, SO_LINGER, linger{1, 0});
  fd.reset();
}

}  // namespace

Crowd::Crowd(std::uint16_t port, std::size_t size)
    : port_(port), epoll_(epoll_create1(EPOLL_CLOEXEC)), clients_(size) {
  for (std::size_t place = size; place-- > 0;)
    free_.push_back(static_cast<Place>(place));
}

void Crowd::plan(std::span<const Stage> stages, std::size_t clients_at_each) {
  stages_ = stages;
  planned_ = clients_at_each * stages.size();
  begun_ = 0;
  turned_away_ = 0;
}

void Crowd::begin(std::size_t most) {
  const std::size_t until = begun_ + std::min({most, planned_ - begun_, free_.size()});
  for (; begun_ < until; ++begun_)
    enter(stages_[begun_ / clients_in_group % stages_.size()], begun_);
}

void Crowd::run() {
  last_progress_ = Clock::now();
  do {
    begin(most_begun_at_once);
    wait_for_input();
    run_due();
    if (Clock::now() - last_progress_ > patience) turn_back_waiting();
  } while (begun_ < planned_ || free_.size() < clients_.size());
}

void Crowd::enter(const Stage& stage, std::size_t number) {
  const Place place = free_.back();
  free_.pop_back();
  Client& client = clients_[place];
  client.stage = &stage;
  client.step = 0;
  client.number = number;
  client.is_gone = false;
  client.sid.clear();
  proceed(place);
}

// Takes the steps up to the next one whose answer is to come.
void Crowd::proceed(Place place) {
  Client& client = clients_[place];
  for (; client.step < client.stage->steps.size(); ++client.step) {
    const Step& step = client.stage->steps[client.step];
    Descriptor& line = client.lines[static_cast<std::size_t>(step.line)];
    if (!line.is_open()) connect(place, step.line);
    client.input.clear();
    if (!send_all(line.get(), filled_in(step.send, client.sid))) return turn_back(place);
    if (!step.until.empty()) return;
  }
  reach(place);
}

void Crowd::connect(Place place, Line line) {
  Descriptor& fd = clients_[place].lines[static_cast<std::size_t>(line)];
  fd = connect_to(port_, connected_++);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = std::uint64_t{place} * most_lines + static_cast<std::uint64_t>(line);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) fail_with_errno("epoll_ctl");
}

void Crowd::receive(Place place, Line line) {
  Client& client = clients_[place];
  if (!client.is_waiting()) return;
  const Step& step = client.stage->steps[client.step];
  if (step.line != line) return;
  const bool goes_on = read_some(client.lines[static_cast<std::size_t>(line)].get(), client.input);
  if (client.input.find(step.until) != std::string::npos) {
    if (client.sid.empty()) client.sid = sid_in(client.input);
    ++client.step;
    proceed(place);
  } else if (!goes_on) {
    turn_back(place);
  }
}

// As the server does not answer: a WebSocket whose session has ended may be kept for its closing handshake.
void Crowd::turn_back_waiting() {
  last_progress_ = Clock::now();
  for (Place place = 0; place < clients_.size(); ++place) {
    if (clients_[place].is_waiting()) turn_back(place);
  }
}

void Crowd::turn_back(Place place) {
  ++turned_away_;
  clients_[place].step = clients_[place].stage->steps.size();
  reach(place);
}

// The stage is reached: what is left is to go.
void Crowd::reach(Place place) {
  last_progress_ = Clock::now();
  const std::size_t number = clients_[place].number;
  due_.push({last_progress_ + (ending_of(number) == Ending::silent ? silence : hesitation(number)), place});
}

void Crowd::leave(Client& client) {
  for (Descriptor& line : client.lines) {
    if (line.is_open())
      ending_of(client.number) == Ending::reset ? close_with_rst(line) : close_with_fin(line);
  }
}

void Crowd::wait_for_input() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_.get(), events.data(), events.size(), 1);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
    receive(static_cast<Place>(data / most_lines), static_cast<Line>(data % most_lines));
  }
}

void Crowd::run_due() {
  const auto now = Clock::now();
  while (!due_.empty() && due_.top().when <= now) {
    const Place place = due_.top().place;
    due_.pop();
    Client& client = clients_[place];
    if (!std::exchange(client.is_gone, true)) {
      leave(client);
      due_.push({now + (ending_of(client.number) == Ending::silent ? 0ms : aftermath), place});
    } else {
      free_.push_back(place);
    }
  }
}

}  // namespace churn
