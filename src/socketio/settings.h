// Limits and counters of the Socket.IO layer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "banter/reason.h"
#include "banter/recovery.h"
#include "base/counter.h"
#include "base/histogram.h"
#include "loop/time.h"

namespace banter::socketio {

// Of one connection: events a second, and how many may come at once.
struct EventRate {
  double per_second;
  double burst;
};

struct Settings {
  // Binary values in one packet.
  std::size_t max_attachments = 10;

  // Bytes of one packet, its attachments included.
  std::size_t max_packet = 10'000'000;

  // Bytes of an event's name.
  std::size_t max_event_name = 8 * 1024;

  // Bytes of one socket's packets that wait while its namespace is being joined, or behind an event that a
  // middleware is deciding about.
  std::size_t max_held = 1'000'000;

  // Namespaces that one connection may be in at the same time.
  std::size_t max_namespaces = 100;

  // Namespaces that clients have brought into being, and whether those that nobody is in are forgotten.
  std::size_t max_dynamic_namespaces = 10'000;
  bool cleanup_empty_namespaces = false;

  // Rooms that one socket may be in besides its own, and acknowledgements it may be waiting for.
  std::size_t max_rooms = 10'000;
  std::size_t max_pending_acks = 10'000;

  // What goes beyond ends the connection. Absent: no limit.
  std::optional<EventRate> event_rate;

  // A client that has joined no namespace by then is sent away.
  loop::Milliseconds connect_timeout = std::chrono::seconds{45};

  // For all middlewares of one CONNECT together, and for each of an event's.
  loop::Milliseconds middleware_timeout = std::chrono::seconds{10};

  // For an acknowledgement, unless the call says otherwise.
  loop::Milliseconds ack_timeout = std::chrono::seconds{30};

  // Request headers that are kept behind the first connection handler; lower case.
  std::vector<std::string> keep_headers;
};

// Of one Worker; its thread is the only writer.
struct Counters {
  base::Counter clients;              // connections that can carry namespaces, now
  base::Counter sockets;              // joined sockets, now
  base::Counter joined;               // sockets that joined, ever
  base::Counter refused;              // CONNECTs that were refused
  base::Counter unknown_namespaces;   // of these: there is no such namespace, or it would be one too many
  base::Counter middleware_timeouts;  // of these: the middlewares took too long
  base::Counter refused_namespaces;   // not made, because of max_dynamic_namespaces
  base::Counter events_in;
  base::Counter events_out;        // one per receiver
  base::Counter unhandled_events;  // no handler for that name
  base::Counter misfit_events;     // arguments that did not fit a handler
  base::Counter refused_events;    // by a middleware
  base::Counter refused_rooms;     // not joined, because of max_rooms
  base::Counter refused_acks;      // events not sent, because of max_pending_acks
  base::Counter rate_limited;      // connections that ended because of event_rate
  base::Counter acks_in;
  base::Counter unknown_acks;   // late, forged or duplicate
  base::Counter ack_timeouts;   // of those asked of clients
  base::Histogram ack_latency;  // from an event to its answer
  base::Counter invalid_packets;
  base::Counter dropped;                           // volatile packets, and those beyond max_queue
  base::Counter gone;                              // posted to a socket that had left
  std::array<base::Counter, reasons> disconnects;  // by Reason

  // Sockets that joined with recovery on, by RecoveryFailure.
  std::array<base::Counter, recovery_failures> recoveries;
};

}  // namespace banter::socketio
