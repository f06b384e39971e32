// The acknowledgements a socket is waiting for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "banter/error.h"
#include "banter/invocation.h"
#include "loop/timer_wheel.h"

namespace banter::socketio {

// Who runs the callbacks: user code, so each call is guarded.
class AckRunner {
 public:
  virtual void run_ack(detail::AckCallback& callback, detail::AckAnswer& answer) = 0;

 protected:
  ~AckRunner() = default;
};

// Each callback runs exactly once, or is destroyed uncalled with the table. A callback may do anything, also
// to the table.
class AckTable {
 public:
  explicit AckTable(AckRunner& runner) noexcept : runner_(runner) {}

  void add(std::uint64_t id, detail::AckCallback callback, loop::TimerWheel& wheel, loop::TimePoint sent,
           loop::TimePoint deadline);

  // When what is answered was sent; nothing if nobody waits for that id: the answer is late, forged or the
  // second one.
  std::optional<loop::TimePoint> answer(std::uint64_t id, const Args& args);

  [[nodiscard]] std::size_t size() const noexcept { return pending_.size(); }

  // Ends all that are waiting with `error`.
  void fail_all(std::error_code error);

 private:
  struct Pending {
    Pending(AckTable& owner, std::uint64_t key, detail::AckCallback function, loop::TimePoint when)
        : table(owner), id(key), callback(std::move(function)), sent(when) {}
    void on_deadline() { table.complete(id, make_error_code(AckError::timeout), {}); }

    AckTable& table;
    std::uint64_t id;
    detail::AckCallback callback;
    loop::TimePoint sent;
    loop::Deadline deadline{*this, loop::Deadline::Calls<&Pending::on_deadline>{}};
  };

  std::optional<loop::TimePoint> complete(std::uint64_t id, std::error_code error, const Args& args);

  AckRunner& runner_;
  std::unordered_map<std::uint64_t, Pending> pending_;
};

}  // namespace banter::socketio
