// Clients that begin a handshake and go away in the middle of it, thousands at a time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <string>
#include <vector>

#include "descriptor.h"
#include "stages.h"

namespace churn {

// How a client goes.
enum class Ending : std::uint8_t {
  reset,     // RST, a moment after the stage is reached
  finished,  // FIN, as soon
  silent,    // FIN too, but not before the server must have given the client up
};

// Of the client with that number: half of them reset their connections.
[[nodiscard]] constexpr Ending ending_of(std::size_t number) noexcept {
  if (number % 2 == 0) return Ending::reset;
  return number % 4 == 1 ? Ending::finished : Ending::silent;
}

// So many clients in a row have every ending with every delay. All counts of clients are multiples of it.
inline constexpr std::size_t clients_in_group = 16;
[[nodiscard]] constexpr std::size_t rounded_up(std::size_t clients) noexcept {
  return (clients + clients_in_group - 1) / clients_in_group * clients_in_group;
}
[[nodiscard]] constexpr std::size_t silent_among(std::size_t clients) noexcept {
  return clients / 4;
}

class Crowd {
 public:
  // `size` clients at a time, at 127.0.0.1.
  Crowd(std::uint16_t port, std::size_t size);

  // What comes next: as many handshakes abandoned at each of `stages`, in turn. These outlive the run.
  void plan(std::span<const Stage> stages, std::size_t clients_at_each);

  // Begins some of what is planned, at most so many; the server need not answer meanwhile.
  void begin(std::size_t most);

  // Goes through with the plan. Returns when the last client has gone.
  void run();

  // Clients of the plan that the server has turned away, or left without an answer, before their stage was
  // reached. They are to be few: those that were kept from the processor for longer than a pong may take.
  [[nodiscard]] std::size_t turned_away() const noexcept { return turned_away_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Place = std::uint32_t;

  struct Client {
    const Stage* stage = nullptr;
    std::size_t step = 0;
    std::size_t number = 0;
    bool is_gone = false;  // its place is kept for as long as the server may have something of it
    std::array<Descriptor, most_lines> lines;
    std::string sid;
    std::string input;  // of the present step

    // Its stage is not reached yet.
    [[nodiscard]] bool is_waiting() const noexcept { return stage && step < stage->steps.size(); }
  };
  struct Due {
    Clock::time_point when;
    Place place;
    bool operator>(const Due& other) const noexcept { return when > other.when; }
  };

  void enter(const Stage& stage, std::size_t number);
  void proceed(Place place);
  void connect(Place place, Line line);
  void receive(Place place, Line line);
  void turn_back_waiting();
  void turn_back(Place place);
  void reach(Place place);
  void leave(Client& client);
  void wait_for_input();
  void run_due();

  std::uint16_t port_;
  Descriptor epoll_;
  std::vector<Client> clients_;
  std::vector<Place> free_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::span<const Stage> stages_;
  std::size_t planned_ = 0;
  std::size_t begun_ = 0;  // of these
  std::size_t turned_away_ = 0;
  std::size_t connected_ = 0;  // lines, ever
  Clock::time_point last_progress_;
};

}  // namespace churn
