// One row of the table: handshakes abandoned at a stage, and what the server has left of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crowd.h"
#include "server_process.h"
#include "stages.h"

namespace churn {

struct Options {
  std::size_t clients = 100'000;  // at each stage; a multiple of clients_in_group
  std::string only;               // part of the names of the stages
  bool is_together = false;       // all stages at once, in one row
  bool compares_heap = true;
};

struct Row {
  std::string name;
  std::size_t clients = 0;
  Report before;
  Report after;
  std::size_t descriptors_left = 0;
  std::chrono::duration<double> time{};

  [[nodiscard]] std::uint64_t opened() const { return after.opened - before.opened; }
  [[nodiscard]] std::uint64_t given_up() const { return after.given_up - before.given_up; }
  [[nodiscard]] std::int64_t growth() const {
    return static_cast<std::int64_t>(after.heap) - static_cast<std::int64_t>(before.heap);
  }
  [[nodiscard]] bool leaves_something() const {
    return after.sessions + after.polling + after.connections + descriptors_left != 0;
  }
  [[nodiscard]] bool is_clean(const Options& options) const;
};

// A server, and a crowd that comes to it again and again. Throws Failure where the server does not take part
// as it should.
class Churn {
 public:
  explicit Churn(const Options& options);

  // As many sessions at once as there are ever to be, and all their answers in one turn of the server's loop:
  // what it keeps for later ones is there from now on.
  void warm_up();

  // Has a tenth of the handshakes abandoned to warm up, then all of them.
  [[nodiscard]] Row measure(std::string_view name, std::span<const Stage> stages);

  // The server's orderly end.
  void stop() { server_.stop(); }

 private:
  [[nodiscard]] Report at_rest() const;
  void check_course(const Row& row, std::span<const Stage> stages) const;

  const Options& options_;
  std::size_t size_;
  ServerProcess server_;
  std::size_t descriptors_before_;
  Crowd crowd_;
};

}  // namespace churn
