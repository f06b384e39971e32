// Clients that come and go in the storm (storm.h), each on a thread of its own, and check what they are sent.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/storm.h"
#include "tests/support/polling_client.h"

namespace banter::test {

// What one client has been sent.
class Heard {
 public:
  // What is wrong with the event; nothing if it is in its place.
  [[nodiscard]] std::string take(const json& event) {
    const std::string kind = event[0];
    Thread& thread = threads_[event[1].get<std::size_t>()];
    const int step = event[2];
    const unsigned number = event[3];
    if (std::exchange(thread.step, step) >= step) return "out of order: " + event.dump();
    if (kind == "some") return {};
    const unsigned expected = kind == "handle" ? thread.next_by_handle(event[4])
                              : kind == "room" ? thread.by_room++
                                               : thread.next_to_everyone(number);
    return number == expected ? "" : "expected " + std::to_string(expected) + ": " + event.dump();
  }

 private:
  struct Thread {
    int step = 0;
    int visit = 0;
    unsigned by_handle = 0;
    unsigned by_room = 0;
    std::optional<unsigned> to_everyone;

    unsigned next_by_handle(int of_visit) {
      if (of_visit > visit) by_handle = 0;
      visit = of_visit;
      return by_handle++;
    }
    unsigned next_to_everyone(unsigned if_first) {
      const unsigned next = to_everyone.value_or(if_first);
      to_everyone = next + 1;
      return next;
    }
  };
  std::array<Thread, storm_threads> threads_;
};

// What a client knows from visit to visit.
struct Known {
  std::string sid;
  std::string pid;
  std::string offset;
  Heard heard;

  [[nodiscard]] std::string connect() const {
    if (pid.empty() || offset.empty()) return "0";
    return "0" + json{{"pid", pid}, {"offset", offset}}.dump();
  }
};

// Begins on long-polling and changes to WebSocket in the middle of what it is sent.
class UpgradingClient {
 public:
  explicit UpgradingClient(int port) : port_(port), polling_(port, RunningServer::waiter) {}

  // The text behind the Engine.IO `4`, or another packet.
  std::string read() {
    if (!socket_ && ++packets_ == 10 && !upgrade()) return "(not upgraded)";
    const bool is_polled = !socket_ || polling_.has_packet();
    const std::string packet = is_polled ? polling_.read_packet() : socket_->read_message();
    if (packet == "2") {
      socket_->send_text("3");
      return read();
    }
    return packet.starts_with('4') ? packet.substr(1) : packet;
  }

  void send(std::string_view packet) {
    if (socket_) {
      socket_->send_text(packet);
    } else {
      polling_.post(std::string(packet));
    }
  }
  [[nodiscard]] RawClient& raw() { return socket_ ? socket_->raw() : polling_.polls().raw(); }

 private:
  // False if the session has ended.
  bool upgrade() {
    socket_.emplace(port_, RunningServer::waiter(), Opening{.target = polling_.upgrade_target()});
    if (socket_->status() != 101) return false;
    socket_->send_text("2probe");
    if (socket_->read_message() != "3probe") return false;
    return socket_->send_text("5");
  }

  int port_;
  PollingClient polling_;
  std::optional<WebSocketClient> socket_;
  int packets_ = 0;
};

inline void send_engine(UpgradingClient& client, std::string_view packet) {
  client.send(packet);
}
inline RawClient& raw_of(UpgradingClient& client) {
  return client.raw();
}
inline void send_engine(SocketioClient& client, std::string_view packet) {
  client.socket().send_text(packet);
}
inline void send_engine(PollingClient& client, std::string_view packet) {
  client.post(std::string(packet));  // refused, if the session has just ended
}
inline RawClient& raw_of(SocketioClient& client) {
  return client.raw();
}
inline RawClient& raw_of(PollingClient& client) {
  return client.polls().raw();
}

// One connection.
template <class Client>
class StormClient {
 public:
  StormClient(Client client, Known& known, Storm& storm)
      : client_(std::move(client)), known_(known), storm_(storm) {
    send(known_.connect());
  }

  // Takes the next packet; false if that was the last one.
  bool step() {
    const std::string packet = client_.read();
    switch (packet.front()) {
      case '0': on_connect(json::parse(packet.substr(1))); return true;
      case '2': on_event(packet); return true;
      case '3': on_ack(packet); return true;
      case '5':
      case '6':
      case 'b': return true;  // attachments; an Engine.IO noop
      case '1':
      case '(': return false;
      default: storm_.complaints.add("unexpected: " + packet); return false;
    }
  }

  void leave(int how) {
    switch (how % 4) {
      case 0: raw_of(client_).close(); break;
      case 1: raw_of(client_).reset(); break;
      case 2: send_engine(client_, "1"); break;
      default: send("1"); known_ = {};  // for good
    }
  }

  [[nodiscard]] bool is_back() const { return is_back_; }

 private:
  void send(const std::string& packet) { send_engine(client_, "4" + packet); }

  void on_connect(const json& accepted) {
    is_back_ = accepted["sid"] == known_.sid;
    if (is_back_) return;
    known_ = {.sid = accepted["sid"], .pid = accepted.value("pid", ""), .offset = {}, .heard = {}};
  }

  void on_event(const std::string& packet) {
    const std::size_t begin = packet.find('[');
    const json event = json::parse(packet.substr(begin));
    if (event[0] == "ask") return answer(packet.substr(1, begin - 1), event[1]);
    const std::string wrong = known_.heard.take(event);
    if (!wrong.empty()) storm_.complaints.add(wrong);
    if (event.size() > 5) known_.offset = event[5];
    if (++events_ % 16 != 0) return;
    const std::string number = std::to_string(asked_++);
    send("2" + number + "[\"echo\"," + number + "]");
  }

  // Some questions are answered twice, and some not at all.
  void answer(const std::string& id, const json& question) {
    const int kind = question.is_number() ? question.get<int>() % 8 : 2;
    for (int times = kind == 0 ? 0 : kind == 1 ? 2 : 1; times > 0; --times)
      send("3" + id + "[1]");
  }

  void on_ack(const std::string& packet) {
    const std::string number = std::to_string(answered_++);
    if (packet != "3" + number + "[" + number + "]")
      storm_.complaints.add("expected " + number + ": " + packet);
  }

  Client client_;
  Known& known_;
  Storm& storm_;
  int events_ = 0;
  int asked_ = 0;
  int answered_ = 0;
  bool is_back_ = false;
};

// A third of them on WebSocket, a third on long-polling, a third on one after the other.
class StormClients {
 public:
  StormClients(int port, Storm& storm) : port_(port), storm_(storm) {
    for (int client = 0; client < 6; ++client)
      threads_.emplace_back([this, client] { come_and_go(client); });
  }
  StormClients(const StormClients&) = delete;
  StormClients& operator=(const StormClients&) = delete;
  ~StormClients() { end(); }

  // While the storm goes on: they wait for what it sends.
  void end() {
    is_over_ = true;
    for (std::thread& thread : std::exchange(threads_, {}))
      thread.join();
  }

  [[nodiscard]] int visits() const { return visits_; }
  [[nodiscard]] int recovered() const { return recovered_; }
  [[nodiscard]] int packets() const { return packets_; }

 private:
  void come_and_go(int client) {
    Known known;
    for (int visit = client; !is_over_; ++visit) {
      switch (client % 3) {
        case 0: stay(SocketioClient(port_, RunningServer::waiter()), known, visit); break;
        case 1: stay(PollingClient(port_, RunningServer::waiter), known, visit); break;
        default: stay(UpgradingClient(port_), known, visit);
      }
    }
  }

  template <class Client>
  void stay(Client connection, Known& known, int visit) {
    StormClient<Client> client(std::move(connection), known, storm_);
    const int packets = 1 << (4 + visit % 7);
    int taken = 0;
    while (taken < packets && !is_over_ && client.step())
      ++taken;
    client.leave(visit / 2);
    ++visits_;
    packets_ += taken;
    if (client.is_back()) ++recovered_;
  }

  int port_;
  Storm& storm_;
  std::atomic<bool> is_over_{false};
  std::atomic<int> visits_{0};
  std::atomic<int> recovered_{0};
  std::atomic<int> packets_{0};
  std::vector<std::thread> threads_;
};

}  // namespace banter::test
