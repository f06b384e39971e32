// The sessions of one Worker, found by the place that their id names.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/session.h"
#include "engine/settings.h"
#include "loop/loop.h"

namespace banter::engine {

class SessionTable {
 public:
  // `settings` and `counters` outlive the table; `worker` is this Worker's number.
  SessionTable(loop::Loop& loop, const Settings& settings, Counters& counters, std::uint8_t worker);
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;
  ~SessionTable();

  // An id for the next session to open; nothing if there are no random bytes for it, or no place is free.
  [[nodiscard]] std::optional<SessionId> next_id();

  // A session without a transport yet; `id` is the one that next_id() has answered last.
  Session& open(const SessionId& id, HandshakeRecord handshake);

  // The session with exactly this id, if its client can still have something of it.
  [[nodiscard]] Session* find(std::string_view id) const noexcept;

  // Destroys a session after the turn; its id is unknown from now on.
  void release(Session& session);

  [[nodiscard]] loop::Loop& loop() const noexcept { return loop_; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] Counters& counters() const noexcept { return counters_; }

 private:
  loop::Loop& loop_;
  const Settings& settings_;
  Counters& counters_;
  std::uint8_t worker_;
  std::vector<std::unique_ptr<Session>> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace banter::engine
