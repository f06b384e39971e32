// A body that is made on the loop, and a point in its time to wait for.
#pragma once

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "http/body_source.h"
#include "loop/loop.h"
#include "loop/timer_wheel.h"

namespace banter::http {

// A body made of `count` pieces of one letter, each given on a later turn of the loop.
class Letters final : public BodySource {
 public:
  Letters(loop::Loop& loop, std::size_t piece, std::size_t count, std::size_t fails_at = SIZE_MAX)
      : loop_(loop), piece_(piece), count_(count), fails_at_(fails_at) {}
  std::uint64_t size() const noexcept override { return piece_ * count_; }
  void read(Done done) override {
    done_ = std::move(done);
    deadline_.set(loop_.wheel(), loop_.now());
  }
  static inline std::size_t pieces_read = 0;

 private:
  void give() {
    ++pieces_read;
    Done done = std::move(done_);
    const bool fails = given_ == fails_at_;
    std::string piece(piece_, static_cast<char>('a' + given_++ % 26));
    done(fails ? std::make_error_code(std::errc::io_error) : std::error_code{}, std::move(piece));
  }

  loop::Loop& loop_;
  std::size_t piece_;
  std::size_t count_;
  std::size_t fails_at_;
  std::size_t given_ = 0;
  Done done_;
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Letters::give>{}};
};

// A point in the loop's time to wait for.
class Alarm {
 public:
  Alarm(loop::Loop& loop, loop::Milliseconds delay) {
    uv_update_time(loop.uv());
    deadline_.set(loop.wheel(), loop.now() + delay);
  }
  bool has_rung() const { return !deadline_.is_set(); }

 private:
  void ring() {}
  loop::Deadline deadline_{*this, loop::Deadline::Calls<&Alarm::ring>{}};
};

}  // namespace banter::http
