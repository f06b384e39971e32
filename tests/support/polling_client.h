// A client on long-polling, as browsers are one: a connection for its polls, another one for its POSTs.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/http_client.h"

namespace banter::test {

inline constexpr char record_separator = '\x1e';

// How it opens its session.
struct PollingOpening {
  std::string path = "/socket.io/";
  std::string query;    // further parameters, as "&token=1"
  std::string headers;  // of every request, each with its line end
};

class PollingClient {
 public:
  // Opens the session. `turn` as RawClient has it.
  template <class Turn>
  PollingClient(int port, Turn turn, PollingOpening opening = {})
      : polls_(port, turn),
        posts_(port, turn),
        target_(opening.path + "?EIO=4&transport=polling" + opening.query),
        headers_(std::move(opening.headers)) {
    opened_ = polls_.ask({"GET " + target_, headers_, {}});
    REQUIRE_MESSAGE(opened_.body.starts_with(R"(0{"sid":")"), opened_.head << opened_.body);
    sid_ = opened_.body.substr(9, opened_.body.find('"', 9) - 9);
    target_ += "&sid=" + sid_;
  }
  PollingClient(PollingClient&&) = default;

  // --- Engine.IO

  // Sends a poll; reads its answer.
  void hold() { polls_.send({"GET " + target_, headers_, {}}); }
  HttpAnswer held() { return polls_.read(); }
  HttpAnswer poll() {
    hold();
    return held();
  }
  HttpAnswer post(std::string payload) {
    return posts_.ask({"POST " + target_, headers_, std::move(payload)});
  }

  // The next packet, of as many polls as it takes; pings are answered on the way. For a poll that is refused
  // its status.
  std::string read_packet() {
    for (;;) {
      while (packets_.empty()) {
        const HttpAnswer answer = poll();
        if (answer.status != 200) return "(status " + std::to_string(answer.status) + ")";
        take(answer.body);
      }
      std::string packet = std::move(packets_.front());
      packets_.pop_front();
      if (packet != "2") return packet;
      post("3");
    }
  }

  // Whether read_packet() needs no poll.
  [[nodiscard]] bool has_packet() const { return !packets_.empty(); }

  // --- Socket.IO: packets are given and handed out as the text behind the Engine.IO `4`

  PollingClient& join(std::string_view nsp = "/") {
    const std::string head = nsp == "/" ? "0" : "0" + std::string(nsp) + ",";
    send(head);
    const std::string answer = read();
    REQUIRE_MESSAGE(answer.starts_with(head + R"({"sid":")"), answer);
    id_ = answer.substr(head.size() + 8, 20);
    return *this;
  }
  void send(std::string_view packet) { CHECK(post("4" + std::string(packet)).body == "ok"); }
  void emit(std::string_view data) { send("2" + std::string(data)); }
  std::string read() {
    const std::string packet = read_packet();
    return packet.starts_with('4') ? packet.substr(1) : packet;
  }

  [[nodiscard]] const HttpAnswer& opened() const { return opened_; }  // the answer to the handshake
  [[nodiscard]] const std::string& sid() const { return sid_; }
  [[nodiscard]] const std::string& id() const { return id_; }  // in the namespace joined last
  [[nodiscard]] const std::string& target() const { return target_; }
  [[nodiscard]] HttpClient& polls() { return polls_; }
  [[nodiscard]] HttpClient& posts() { return posts_; }

  // Where its upgrade goes to.
  [[nodiscard]] std::string upgrade_target() const {
    std::string target = target_;
    return target.replace(target.find("=polling"), 8, "=websocket");
  }

 private:
  void take(std::string_view payload) {
    for (;;) {
      const std::size_t end = payload.find(record_separator);
      packets_.emplace_back(payload.substr(0, end));
      if (end == std::string_view::npos) return;
      payload.remove_prefix(end + 1);
    }
  }

  HttpClient polls_;
  HttpClient posts_;
  std::string target_;
  std::string headers_;
  HttpAnswer opened_;
  std::string sid_;
  std::string id_;
  std::deque<std::string> packets_;
};

}  // namespace banter::test
