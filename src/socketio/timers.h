// What the application wants to run later: on one Worker, or for one socket.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "banter/function.h"
#include "loop/loop.h"
#include "socketio/user_code.h"

namespace banter::socketio {

// Destroys what is still pending with itself. A task may do anything, also to the timers.
class Timers {
 public:
  Timers(loop::Loop& loop, ProblemSink& problems) : loop_(loop), problems_(problems) {}

  // `id` is one that no other timer of the process has.
  void add(std::uint64_t id, loop::TimePoint when, Function<void()> task);
  void cancel(std::uint64_t id) { pending_.extract(id); }  // its destructor finds it gone
  void cancel_all();

 private:
  struct Pending {
    Pending(Timers& owner, std::uint64_t key, Function<void()> function)
        : timers(owner), id(key), task(std::move(function)) {}
    void on_deadline() { timers.run(id); }

    Timers& timers;
    std::uint64_t id;
    Function<void()> task;
    loop::Deadline deadline{*this, loop::Deadline::Calls<&Pending::on_deadline>{}};
  };

  void run(std::uint64_t id);

  loop::Loop& loop_;
  ProblemSink& problems_;
  std::unordered_map<std::uint64_t, Pending> pending_;
};

}  // namespace banter::socketio
