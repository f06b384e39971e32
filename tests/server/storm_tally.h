// What the storm (storm.h) counts and finds wrong, from whatever thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "banter/socket.h"

namespace banter::test {

inline constexpr std::size_t storm_threads = 8;

// Callbacks of one kind.
struct Tally {
  std::atomic<int> owed{0};
  std::atomic<int> run{0};
  std::atomic<int> run_again{0};
  std::atomic<int> kept{0};  // there are now
};

// What such a callback captures.
class Once {
 public:
  explicit Once(Tally& tally) : tally_(&tally) { ++tally.kept; }
  Once(Once&& other) noexcept : tally_(std::exchange(other.tally_, nullptr)), has_run_(other.has_run_) {}
  Once& operator=(Once&&) = delete;
  ~Once() {
    if (tally_) --tally_->kept;
  }
  void run() { ++(std::exchange(has_run_, true) ? tally_->run_again : tally_->run); }

 private:
  Tally* tally_;
  bool has_run_ = false;
};

// The capture of a callback that is sure to run.
inline Once owed(Tally& tally) {
  ++tally.owed;
  return Once(tally);
}

// The first things that went wrong.
class Complaints {
 public:
  void add(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (text_.size() < 1000) text_ += text + "\n";
  }
  [[nodiscard]] std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

// How many events each thread has sent to somebody: each thread knows only its own number.
using Numbers = std::array<unsigned, storm_threads>;

// A socket, from its `connection` to its `disconnect`.
struct Visit {
  Socket socket;
  std::string id;
  int number;  // of this visit
  Numbers by_handle{};
  std::shared_ptr<Numbers> by_room{};  // the room named by its id: goes on when the socket is recovered
};
using VisitPtr = std::shared_ptr<Visit>;

// The sockets that are there, and the last ones that are gone.
class Visits {
 public:
  void add(const Socket& socket) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Numbers>& by_room = by_room_[socket.id()];
    if (!by_room) by_room = std::make_shared<Numbers>();
    there_.push_back(std::make_shared<Visit>(
        Visit{.socket = socket, .id = socket.id(), .number = ++come_, .by_room = by_room}));
  }

  void remove(const Socket& socket) {
    const std::lock_guard lock(mutex_);
    for (VisitPtr& visit : there_) {
      if (visit->socket == socket) {
        std::swap(visit, there_.back());
        gone_[left_++ % gone_.size()] = std::move(there_.back());
        return there_.pop_back();
      }
    }
  }

  // Any of them; null if nobody has come yet.
  [[nodiscard]] VisitPtr pick(std::size_t any) {
    const std::lock_guard lock(mutex_);
    const std::size_t index = any % (there_.size() + gone_.size());
    return index < there_.size() ? there_[index] : gone_[index - there_.size()];
  }

  [[nodiscard]] int come() const { return come_; }
  [[nodiscard]] std::size_t left() const { return left_; }

 private:
  std::mutex mutex_;
  std::vector<VisitPtr> there_;
  std::array<VisitPtr, 4> gone_;
  std::map<std::string, std::shared_ptr<Numbers>> by_room_;
  int come_ = 0;
  std::size_t left_ = 0;
};

}  // namespace banter::test
