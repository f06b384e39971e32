// What a server has done and what it holds now: the figures of Server::metrics() and Options::metrics_path.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "banter/reason.h"
#include "banter/recovery.h"

namespace banter {

// How often something took how long. Each bucket counts what took longer than the bound of the one before it
// and no longer than its own.
struct Durations {
  static constexpr std::size_t buckets = 18;

  // 1, 2, 4 ... 65,536 ms; the last bucket takes whatever is longer.
  [[nodiscard]] static constexpr std::chrono::milliseconds bound(std::size_t bucket) noexcept {
    return bucket + 1 < buckets ? std::chrono::milliseconds{std::int64_t{1} << bucket}
                                : std::chrono::milliseconds::max();
  }

  [[nodiscard]] constexpr std::uint64_t count() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t some : counts)
      all += some;
    return all;
  }

  std::array<std::uint64_t, buckets> counts{};
  std::chrono::milliseconds sum{0};
};

// Of all Workers together. What is not said to be `now` only grows. Nothing stands still while it is read, so
// figures that belong together may be apart by what happened meanwhile.
struct Metrics {
  // Clients now, by what carries them; raw ones are those of Server::websocket. And all that ever were.
  struct Connections {
    std::uint64_t polling = 0;
    std::uint64_t websocket = 0;
    std::uint64_t native = 0;
    std::uint64_t raw = 0;
    std::uint64_t opened = 0;
  } connections;

  struct Handshakes {
    std::array<std::uint64_t, 6> refused{};  // Engine.IO requests, by ConnectionError::code
    std::uint64_t refused_origins = 0;       // also at raw and native endpoints
    std::uint64_t upgraded = 0;              // from long-polling to WebSocket
    std::uint64_t failed_upgrades = 0;
  } handshakes;

  // Namespaces' sockets. A CONNECT is refused by a middleware, by its deadline, or for lack of the namespace.
  struct Sockets {
    std::uint64_t joined_now = 0;
    std::uint64_t joined = 0;
    std::uint64_t refused = 0;
    std::uint64_t unknown_namespace = 0;               // of those refused
    std::uint64_t middleware_timeouts = 0;             // of those refused
    std::array<std::uint64_t, reasons> disconnects{};  // by Reason

    // That joined with Options::recovery, by RecoveryFailure.
    std::array<std::uint64_t, recovery_failures> recoveries{};
  } sockets;

  // Events to several clients count once for each of them.
  struct Events {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    std::uint64_t unhandled = 0;  // no handler for that name
    std::uint64_t misfit = 0;     // arguments that did not fit a handler
    std::uint64_t invalid = 0;    // packets that break the protocol; they end their client
    std::uint64_t dropped = 0;    // volatile ones to a slow client, and what passed a limit
    std::uint64_t late = 0;       // posted by another thread to a client that had left
    std::uint64_t refused = 0;    // by a middleware of events
  } events;

  // What was not done because of a limit of Options.
  struct Limits {
    std::uint64_t max_dynamic_namespaces = 0;  // CONNECTs
    std::uint64_t max_rooms = 0;               // joins
    std::uint64_t max_pending_acks = 0;        // emits
    std::uint64_t event_rate = 0;              // clients that were ended
    std::uint64_t budget = 0;                  // emits of other threads
  } limits;

  // Bytes that wait: for slow clients, in mailboxes, in packets that are arriving, in logs for recovery. What
  // Options::budget limits, and that limit.
  struct Memory {
    std::uint64_t waiting = 0;
    std::uint64_t budget = 0;
  } memory;

  struct Acks {
    std::uint64_t in = 0;
    std::uint64_t unknown = 0;  // late, forged, or the second one
    std::uint64_t timeouts = 0;
    Durations latency;  // from the event to its answer
  } acks;

  // On the wire, of all connections, HTTP included.
  struct Bytes {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
  } bytes;

  struct Http {
    std::uint64_t connections_now = 0;
    std::uint64_t requests = 0;
    std::array<std::uint64_t, 5> answers{};  // 1xx (101 only) to 5xx
    std::uint64_t timeouts = 0;              // heads and bodies that did not arrive in time
  } http;

  // How late turns of the loop began, as timers show it; and those later than Options::stall_threshold.
  struct Loop {
    Durations lag;
    std::uint64_t stalls = 0;
  } loop;
};

}  // namespace banter
