// Eight threads that do with a server and its sockets whatever any thread may do. What they send is numbered,
// for the clients to check (storm_clients.h).
//
// Events are [kind, thread, step, number, visit]: a thread's steps only rise, for whoever hears of them;
// numbers are by kind, and the same client misses none of
//   handle    by Socket::emit, in each of its visits from 0
//   room      to the room named by the socket's id, from 0
//   everyone  to the whole namespace, from any number
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/running_server.h"
#include "tests/server/storm_tally.h"

namespace banter::test {

class Storm {
 public:
  // Registers the handlers.
  explicit Storm(Server& io) : io_(io) {
    io.use([](Socket socket, Next next) {
      socket.set_data("new");
      next();
    });
    io.on("connection", [this](Socket socket) { visits.add(socket); });
    io.on("disconnect", [this](Socket socket) { visits.remove(socket); });
    io.on("echo", [](Socket socket, int number, Ack<int> ack) {
      socket.join("echoed");
      ack(number);
    });
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;
  ~Storm() { end(); }

  void begin() {
    for (std::size_t thread = 0; thread < storm_threads; ++thread)
      threads_.emplace_back([this, thread] { rage(thread); });
  }
  void end() {
    is_over_ = true;
    for (std::thread& thread : std::exchange(threads_, {}))
      thread.join();
  }

  Tally acks;       // of questions to one: owed if the emit answered `posted`
  Tally questions;  // to many, and about many
  Tally tasks;      // for the Worker, at once and later
  Visits visits;
  Complaints complaints;

 private:
  // A thread's own state.
  struct Author {
    std::size_t thread;
    int step = 0;
    unsigned to_everyone = 0;
    std::minstd_rand random{};
  };

  void rage(std::size_t thread) {
    Author author{.thread = thread};
    author.random.seed(static_cast<unsigned>(thread + 1));
    while (!is_over_) {
      // Or the mailbox grows faster than it is worked off.
      if (++author.step % 64 == 0) settle(io_);
      const VisitPtr visit = visits.pick(author.random());
      if (!visit) continue;
      switch (author.random() % 4) {
        case 0: emit(author, *visit); break;
        case 1: ask(author, *visit); break;
        case 2: change(author, *visit); break;
        default: post(author, *visit);
      }
    }
  }

  void emit(Author& author, Visit& visit) {
    const auto send = [&](const auto& whom, const char* kind, unsigned number) {
      return whom.emit(kind, author.thread, author.step, number, visit.number);
    };
    unsigned& by_handle = visit.by_handle[author.thread];
    switch (author.random() % 8) {
      case 0: send(io_, "everyone", author.to_everyone++); break;
      case 1: send(visit.socket.volatile_(), "some", 0); break;
      case 2: send(visit.socket.latest("key"), "some", 0); break;
      case 3: send(io_.to("room").to("echoed").except(visit.id), "some", 0); break;
      case 4:
      case 5: send(io_.to(visit.id), "room", (*visit.by_room)[author.thread]++); break;
      default:
        if (send(visit.socket, "handle", by_handle) == SendResult::posted) ++by_handle;
    }
  }

  void ask(Author& author, const Visit& visit) {
    const auto answer = [this] {
      return [once = owed(questions)](std::error_code, const Answers<int>&) mutable { once.run(); };
    };
    switch (author.random() % 8) {
      case 0: io_.to("room").timeout(wait).emit("ask", Bytes(std::string_view("bytes")), answer()); break;
      case 1: io_.to(visit.id).timeout(wait).emit("ask", author.step, answer()); break;
      case 2: io_.count([once = owed(questions)](std::size_t) mutable { once.run(); }); break;
      case 3:
        io_.to("room").fetch_sockets(
            [once = owed(questions)](std::error_code, std::vector<RemoteSocket>) mutable { once.run(); });
        break;
      case 4: io_.room_list([once = owed(questions)](std::vector<RoomInfo>) mutable { once.run(); }); break;
      default:
        if (visit.socket.timeout(wait).emit("ask", author.step, [once = Once(acks)](std::error_code) mutable {
              once.run();
            }) == SendResult::posted)
          ++acks.owed;
    }
  }

  void change(Author& author, const Visit& visit) {
    if (author.random() % 128 == 0) return disconnect(author, visit);
    switch (author.random() % 6) {
      case 0: visit.socket.join("room"); break;
      case 1: visit.socket.leave("room"); break;
      case 2: visit.socket.set_data(author.step); break;
      case 3: visit.socket.broadcast().sockets_join("room"); break;
      case 4: io_.in("room").sockets_leave("echoed"); break;
      default: static_cast<void>(io_.metrics());
    }
  }

  void disconnect(Author& author, const Visit& visit) {
    switch (author.random() % 3) {
      case 0: visit.socket.disconnect(); break;
      case 1: visit.socket.disconnect(Disconnect::connection); break;
      default: io_.in(visit.id).disconnect_sockets();
    }
  }

  void post(Author& author, const Visit& visit) {
    const auto in_order = [this, thread = author.thread, step = author.step] {
      if (std::exchange(last_task_[thread], step) >= step) complaints.add("a task is out of order");
    };
    auto counted = [once = Once(tasks)]() mutable { once.run(); };
    switch (author.random() % 6) {
      case 0: io_.after(std::chrono::milliseconds{1}, std::move(counted)).cancel(); break;
      case 1: io_.after(std::chrono::milliseconds{1}, std::move(counted)); break;
      case 2: visit.socket.after(std::chrono::milliseconds{1}, std::move(counted)); break;
      case 3: io_.run_on(0, in_order); break;
      case 4: visit.socket.run(in_order); break;
      default:
        visit.socket.run([socket = visit.socket] {
          static_cast<void>(socket.handshake());
          static_cast<void>(socket.rooms());
          if (socket.connected()) socket.once("echo", [] {});
        });
    }
  }

  // Of answers: some clients leave, others are silent.
  static constexpr std::chrono::milliseconds wait{500};

  Server& io_;
  std::vector<std::thread> threads_;
  std::atomic<bool> is_over_{false};
  std::array<int, storm_threads> last_task_{};  // the Worker's
};

}  // namespace banter::test
