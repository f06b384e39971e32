// Metrics as Prometheus reads them. Names and units follow its conventions: what only grows ends in _total,
// times are in seconds.
#include <array>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "banter/reason.h"
#include "server/metrics.h"

namespace banter::server {

namespace {

enum class Kind { counter, gauge };

// Writes families one after the other. Texts and label values are ours: none needs an escape.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  // Begins a family; its samples follow.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }

  void sample(std::uint64_t value) {
    out_.append(name_).append(" ");
    end_line(value);
  }
  void sample(std::string_view label, std::string_view label_value, std::uint64_t value) {
    begin_line({}, label, label_value);
    end_line(value);
  }

  // A family of one sample.
  void single(std::string_view name, Kind kind, std::string_view help, std::uint64_t value) {
    family(name, kind == Kind::counter ? "counter" : "gauge", help);
    sample(value);
  }

  void histogram(std::string_view name, std::string_view help, const Durations& durations) {
    family(name, "histogram", help);
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < Durations::buckets; ++i) {
      so_far += durations.counts[i];
      const bool is_last = i + 1 == Durations::buckets;
      begin_line("_bucket", "le", is_last ? "+Inf" : seconds(Durations::bound(i)));
      end_line(so_far);
    }
    out_.append(name).append("_sum ").append(seconds(durations.sum)).append("\n");
    out_.append(name).append("_count ");
    end_line(so_far);
  }

 private:
  void begin_line(std::string_view suffix, std::string_view label, std::string_view label_value) {
    assert(label_value.find_first_of("\\\"\n") == std::string_view::npos);
    out_.append(name_).append(suffix).append("{").append(label).append("=\"").append(label_value);
    out_.append("\"} ");
  }
  void end_line(std::uint64_t value) { out_.append(std::to_string(value)).append("\n"); }

  static std::string seconds(std::chrono::milliseconds time) {
    std::array<char, 32> digits{};
    const double value = std::chrono::duration<double>(time).count();
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
  }

  std::string& out_;
  std::string_view name_;
};

void write_connections(Writer& out, const Metrics& metrics) {
  const auto& now = metrics.connections;
  out.family("banter_connections", "gauge", "Clients now, by what carries them.");
  out.sample("transport", "polling", now.polling);
  out.sample("transport", "websocket", now.websocket);
  out.sample("transport", "native", now.native);
  out.sample("transport", "raw", now.raw);
  out.single("banter_connections_opened_total", Kind::counter, "Clients that ever connected.", now.opened);

  constexpr std::array<std::string_view, 6> codes{"unknown transport", "unknown session",
                                                  "bad method",        "bad request",
                                                  "forbidden",         "unsupported version"};
  out.family("banter_handshakes_refused_total", "counter", "Engine.IO requests that were refused.");
  for (std::size_t code = 0; code < codes.size(); ++code)
    out.sample("why", codes[code], metrics.handshakes.refused[code]);
  out.single("banter_origins_refused_total", Kind::counter, "Requests of pages whose origin is not allowed.",
             metrics.handshakes.refused_origins);
  out.family("banter_upgrades_total", "counter", "Upgrades from long-polling to WebSocket.");
  out.sample("result", "done", metrics.handshakes.upgraded);
  out.sample("result", "failed", metrics.handshakes.failed_upgrades);
}

void write_sockets(Writer& out, const Metrics::Sockets& sockets) {
  out.single("banter_sockets", Kind::gauge, "Sockets that are in a namespace now.", sockets.joined_now);
  out.single("banter_sockets_joined_total", Kind::counter, "Sockets that ever joined a namespace.",
             sockets.joined);
  const std::uint64_t known = sockets.unknown_namespace + sockets.middleware_timeouts;
  out.family("banter_connects_refused_total", "counter", "CONNECT packets that were refused.");
  out.sample("why", "unknown namespace", sockets.unknown_namespace);
  out.sample("why", "timeout", sockets.middleware_timeouts);
  out.sample("why", "middleware", sockets.refused > known ? sockets.refused - known : 0);
  out.family("banter_disconnects_total", "counter", "Sockets that left, by reason.");
  for (std::size_t reason = 0; reason < sockets.disconnects.size(); ++reason)
    out.sample("reason", to_text(static_cast<Reason>(reason)), sockets.disconnects[reason]);
  out.family("banter_recoveries_total", "counter",
             "Sockets that joined with recovery on; why they are fresh.");
  for (std::size_t outcome = 0; outcome < sockets.recoveries.size(); ++outcome)
    out.sample("failure", to_text(static_cast<RecoveryFailure>(outcome)), sockets.recoveries[outcome]);
}

void write_events(Writer& out, const Metrics::Events& events, const Metrics::Acks& acks) {
  out.family("banter_events_total", "counter", "Events of clients, and to clients, once for each of them.");
  out.sample("direction", "in", events.in);
  out.sample("direction", "out", events.out);
  out.single("banter_events_unhandled_total", Kind::counter, "Events without a handler.", events.unhandled);
  out.single("banter_events_misfit_total", Kind::counter, "Events whose arguments did not fit a handler.",
             events.misfit);
  out.single("banter_packets_invalid_total", Kind::counter, "Packets that break the protocol.",
             events.invalid);
  out.single("banter_events_dropped_total", Kind::counter, "Events that a slow client was not sent.",
             events.dropped);
  out.single("banter_events_late_total", Kind::counter, "Events for clients that had left.", events.late);
  out.single("banter_events_refused_total", Kind::counter, "Events that a middleware refused.",
             events.refused);
  out.single("banter_acks_total", Kind::counter, "Acknowledgements of clients.", acks.in);
  out.single("banter_acks_unknown_total", Kind::counter, "Acknowledgements that nobody waited for.",
             acks.unknown);
  out.single("banter_acks_timeouts_total", Kind::counter, "Acknowledgements that did not come in time.",
             acks.timeouts);
  out.histogram("banter_ack_latency_seconds", "From an event to its acknowledgement.", acks.latency);
}

void write_limits(Writer& out, const Metrics::Limits& limits, const Metrics::Memory& memory) {
  out.family("banter_limited_total", "counter", "What was not done because of a limit, by the option.");
  out.sample("option", "max_dynamic_namespaces", limits.max_dynamic_namespaces);
  out.sample("option", "max_rooms", limits.max_rooms);
  out.sample("option", "max_pending_acks", limits.max_pending_acks);
  out.sample("option", "event_rate", limits.event_rate);
  out.sample("option", "budget", limits.budget);
  out.single("banter_waiting_bytes", Kind::gauge,
             "Bytes for slow clients, in mailboxes, in arriving packets and in logs for recovery.",
             memory.waiting);
  out.single("banter_budget_bytes", Kind::gauge, "Most bytes that may wait.", memory.budget);
}

void write_http(Writer& out, const Metrics::Http& http, const Metrics::Bytes& bytes) {
  constexpr std::array<std::string_view, 5> classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
  out.family("banter_bytes_total", "counter", "Bytes on the wire, of all connections.");
  out.sample("direction", "in", bytes.in);
  out.sample("direction", "out", bytes.out);
  out.single("banter_http_connections", Kind::gauge, "Connections that speak HTTP now.",
             http.connections_now);
  out.single("banter_http_requests_total", Kind::counter, "HTTP requests, upgrades included.", http.requests);
  out.family("banter_http_answers_total", "counter", "HTTP answers, by class of status.");
  for (std::size_t i = 0; i < classes.size(); ++i)
    out.sample("status", classes[i], http.answers[i]);
  out.single("banter_http_timeouts_total", Kind::counter, "HTTP requests that did not arrive in time.",
             http.timeouts);
}

}  // namespace

std::string prometheus_text(const Metrics& metrics) {
  std::string text;
  Writer out(text);
  write_connections(out, metrics);
  write_sockets(out, metrics.sockets);
  write_events(out, metrics.events, metrics.acks);
  write_limits(out, metrics.limits, metrics.memory);
  write_http(out, metrics.http, metrics.bytes);
  out.histogram("banter_loop_lag_seconds", "How late turns of the loop began.", metrics.loop.lag);
  out.single("banter_loop_stalls_total", Kind::counter, "Turns that began later than stall_threshold.",
             metrics.loop.stalls);
  return text;
}

}  // namespace banter::server
