#include "server/metrics.h"

#include <cstddef>

namespace banter::server {

namespace {

void add_connections(Metrics& to, const Counters& from) {
  const std::uint64_t polling = from.engine.polling.value();
  const std::uint64_t sessions = from.engine.sessions.value();
  to.connections.polling += polling;
  to.connections.websocket += sessions > polling ? sessions - polling : 0;  // read one after the other
  to.connections.native += from.engine.native.value();
  to.connections.raw += from.raw.value();
  to.connections.opened +=
      from.engine.opened.value() + from.engine.native_opened.value() + from.raw_opened.value();
  for (std::size_t code = 0; code < to.handshakes.refused.size(); ++code)
    to.handshakes.refused[code] += from.engine.refused[code].value();
  to.handshakes.refused_origins += from.refused_origins.value();
  to.handshakes.upgraded += from.engine.upgraded.value();
  to.handshakes.failed_upgrades += from.engine.failed_upgrades.value();
}

void add_sockets(Metrics& to, const socketio::Counters& from) {
  to.sockets.joined_now += from.sockets.value();
  to.sockets.joined += from.joined.value();
  to.sockets.refused += from.refused.value();
  to.sockets.unknown_namespace += from.unknown_namespaces.value();
  to.sockets.middleware_timeouts += from.middleware_timeouts.value();
  for (std::size_t reason = 0; reason < to.sockets.disconnects.size(); ++reason)
    to.sockets.disconnects[reason] += from.disconnects[reason].value();
  for (std::size_t outcome = 0; outcome < to.sockets.recoveries.size(); ++outcome)
    to.sockets.recoveries[outcome] += from.recoveries[outcome].value();
}

void add_events(Metrics& to, const socketio::Counters& from) {
  to.events.in += from.events_in.value();
  to.events.out += from.events_out.value();
  to.events.unhandled += from.unhandled_events.value();
  to.events.misfit += from.misfit_events.value();
  to.events.invalid += from.invalid_packets.value();
  to.events.dropped += from.dropped.value();
  to.events.late += from.gone.value();
  to.events.refused += from.refused_events.value();
  to.limits.max_dynamic_namespaces += from.refused_namespaces.value();
  to.limits.max_rooms += from.refused_rooms.value();
  to.limits.max_pending_acks += from.refused_acks.value();
  to.limits.event_rate += from.rate_limited.value();
  to.acks.in += from.acks_in.value();
  to.acks.unknown += from.unknown_acks.value();
  to.acks.timeouts += from.ack_timeouts.value();
  from.ack_latency.add_to(to.acks.latency);
}

void add_http(Metrics& to, const http::Counters& from) {
  to.http.connections_now += from.open_connections.value();
  to.http.requests += from.requests.value();
  to.http.answers[0] += from.upgrades.value();
  to.http.answers[1] += from.successes.value();
  to.http.answers[2] += from.redirections.value();
  to.http.answers[3] += from.client_errors.value();
  to.http.answers[4] += from.server_errors.value();
  to.http.timeouts += from.timeouts.value();
}

}  // namespace

void add_to(Metrics& metrics, const Counters& counters) {
  add_connections(metrics, counters);
  add_sockets(metrics, counters.socketio);
  add_events(metrics, counters.socketio);
  add_http(metrics, counters.http);
  metrics.bytes.in += counters.loop.bytes_in.value();
  metrics.bytes.out += counters.loop.bytes_out.value();
  metrics.loop.stalls += counters.stalls.value();
  counters.loop.lag.add_to(metrics.loop.lag);
}

}  // namespace banter::server
