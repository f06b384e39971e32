// What an operator can set.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "banter/export.h"
#include "banter/function.h"

namespace banter {

// Decides about an origin. A value; copies are the same function.
class OriginPredicate {
 public:
  OriginPredicate() = default;  // empty
  template <class F>
  requires std::is_invocable_r_v<bool, F&, std::string_view> OriginPredicate(F decide)
      : decide_(std::make_shared<Function<bool(std::string_view)>>(std::move(decide))) {}

  explicit operator bool() const noexcept { return decide_ != nullptr; }
  bool operator()(std::string_view origin) const { return (*decide_)(origin); }

 private:
  std::shared_ptr<Function<bool(std::string_view)>> decide_;
};

// Which pages of other origins may use this server: by fetch and long-polling, where the browser asks by CORS
// (https://fetch.spec.whatwg.org), and by WebSocket, which CORS does not guard and this therefore does. A
// WebSocket handshake from another origin is refused with 403. Without any of it only pages of the server's
// own host and port pass, and requests without Origin (no browser).
struct CorsOptions {
  // Origins as a browser sends them, "https://example.org" or "http://localhost:8080": scheme, host and,
  // unless it is the scheme's own, port. "*" stands for every one; "null" and "file://", which any page
  // can send, must all the same be named to open WebSockets.
  std::vector<std::string> origins;

  // Asked about origins that are not listed, on the Worker's thread. What it throws goes to on_error, and the
  // origin is not allowed.
  OriginPredicate allow;

  // Pages may send cookies along. Not together with "*".
  bool credentials = false;

  // What a preflight is told. Without headers: those that it asks for.
  std::vector<std::string> methods = {"GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"};
  std::vector<std::string> allowed_headers;
  std::optional<std::chrono::seconds> max_age;

  // Header fields of answers that a page may read.
  std::vector<std::string> exposed_headers;
};

// A cookie with the session's id, for load balancers; the server never reads it.
struct CookieOptions {
  std::string name = "io";
  std::string path = "/";
  std::string domain;  // empty: none
  bool http_only = true;
  bool secure = false;
  enum class SameSite { strict, lax, none } same_site = SameSite::lax;
  std::optional<std::chrono::seconds> max_age;
};

// Compression of WebSocket messages (RFC 7692).
struct DeflateOptions {
  // Shorter messages are sent as they are; in bytes.
  std::size_t threshold = 1024;

  // zlib's windowBits, 9 to 15, and memLevel, 1 to 9.
  int window_bits = 15;
  int memory_level = 8;

  // 1 (fastest) to 9 (smallest).
  int level = 6;

  // Each connection keeps what was said before as a dictionary, both ways, unless the client declines: better
  // compression, for up to 300 KB per connection. Without it connections need no memory of their own, and a
  // broadcast is compressed once for all.
  bool context_takeover = false;
};

// Connection state recovery: a client that lost its connection comes back as the same socket, with its rooms,
// its data and the events it missed. Everything that is emitted then goes through one log per namespace, and
// emits answer `posted`. Plain JSON clients cannot come back.
struct RecoveryOptions {
  // How long a client may be away. Greater than zero.
  std::chrono::milliseconds max_duration = std::chrono::minutes{2};

  // Whether clients that come back are not asked about by middlewares again. They may have been blocked
  // meanwhile.
  bool skip_middlewares = false;

  // Of each namespace's log: what is older goes, and who would need it comes back as a fresh socket. Bytes
  // count an event with one of its wire forms. At least 1.
  std::size_t max_entries = 100'000;
  std::size_t max_bytes = 64 * 1024 * 1024;

  // Clients that may be away at the same time; beyond them those that left first are forgotten. At least 1.
  std::size_t max_sessions = 100'000;
};

// Limits of HTTP requests.
struct HttpOptions {
  // Longest body of a request, in bytes; a longer one gets 413.
  std::size_t max_body = 1'000'000;

  // Longest request line and head, in bytes, and most header lines; beyond them 414 and 431.
  std::size_t max_request_line = 8 * 1024;
  std::size_t max_head = 16 * 1024;
  std::size_t max_headers = 100;

  // From the first byte to the end of the head; then 408.
  std::chrono::milliseconds head_timeout = std::chrono::seconds{10};

  // Between two pieces of a body; then 408.
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};

  // Of a connection between two requests; then it is closed.
  std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds{30};
};

// An allowance that fills up by `per_second` (above zero) to at most `burst` (at least 1) events.
struct EventRate {
  double per_second = 0;
  double burst = 1;
};

// No time is longer than a year.
struct Options {
  // Workers: event loops with a thread each. Only 1 so far.
  std::size_t threads = 1;

  // Where Socket.IO is served; a slash is added at the end.
  std::string path = "/socket.io/";

  // Serves the JavaScript client under `path`, as socket.io.js and in other forms.
  bool serve_client = true;

  // From a pong to the next ping. Greater than zero.
  std::chrono::milliseconds ping_interval = std::chrono::seconds{25};

  // From a ping until the client is given up. Greater than zero.
  std::chrono::milliseconds ping_timeout = std::chrono::seconds{20};

  // Whether sessions may be opened by long-polling, and by WebSocket; at least one of them.
  bool polling = true;
  bool websocket = true;

  // Whether a session may change from long-polling to WebSocket, and how long that may take; then it goes on
  // polling. Greater than zero.
  bool allow_upgrades = true;
  std::chrono::milliseconds upgrade_timeout = std::chrono::seconds{10};

  // For the decision that Server::allow_request was asked for. Greater than zero.
  std::chrono::milliseconds allow_request_timeout = std::chrono::seconds{10};

  // Turns of the loop that begin so much late are reported to on_error, and clients whose answer to a ping
  // is awaited get as much longer. Greater than zero.
  std::chrono::milliseconds stall_threshold = std::chrono::milliseconds{500};

  // Answers to polls of at least so many bytes, and at most 1 MiB, are compressed, if the client takes that.
  // Absent: never.
  std::optional<std::size_t> compress_polls_from = 1024;

  // Absent: WebSockets do not compress.
  std::optional<DeflateOptions> deflate;

  // Absent: no cookie.
  std::optional<CookieOptions> cookie;

  // Longest message a client may send, in bytes; a longer one closes its WebSocket (1009), and gets 413 on
  // long-polling. At least 1024.
  std::size_t max_payload = 1'000'000;

  // Binary values in one packet, 1 to 99.
  std::size_t max_attachments = 10;

  // Longest name of an event, in bytes; a longer one ends the client as an invalid packet. At least 1.
  std::size_t max_event_name = 8 * 1024;

  // Rooms that one socket may be in besides its own. A join beyond has no effect, and goes to on_error.
  std::size_t max_rooms = 10'000;

  // Acknowledgements that one socket may be waiting for. Beyond, an emit with a callback answers `dropped`.
  std::size_t max_pending_acks = 10'000;

  // How many events one client may send, over one connection; joining and leaving namespaces count as well,
  // acknowledgements do not. One that sends more is disconnected as `forced close`. Absent: no limit.
  std::optional<EventRate> event_rate;

  // Namespaces that one client may be in at the same time, over one connection; another one is refused with
  // "Too many namespaces". At least 1.
  std::size_t max_namespaces = 100;

  // Most namespaces that clients can bring into being by Server::of(Pattern) and its like; another one is
  // refused as if no rule matched, counted and once reported.
  std::size_t max_dynamic_namespaces = 10'000;

  // Such a namespace is forgotten when the last client has left it, and made anew for the next one.
  bool cleanup_empty_namespaces = false;

  // A client that has joined no namespace by then is sent away. Greater than zero.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{45};

  // For all middlewares of one client's joining together, and for each of an event's; then it is refused with
  // "timeout". Greater than zero.
  std::chrono::milliseconds middleware_timeout = std::chrono::seconds{10};

  // For an acknowledgement, unless the call says otherwise with timeout(). Greater than zero.
  std::chrono::milliseconds ack_timeout = std::chrono::seconds{30};

  // Absent: clients that come back are fresh sockets, and nothing is kept for them.
  std::optional<RecoveryOptions> recovery;

  // Request headers that Handshake keeps beyond the connection handler. Lower case.
  std::vector<std::string> keep_headers = {"origin", "user-agent", "x-forwarded-for"};

  // Bytes left over for one client above which emits answer `queued`, and raw endpoints stop reading from it;
  // on_drain tells when half of it is left. Left over is what an earlier turn of the loop could not hand to
  // the kernel, or, on long-polling, what no poll has fetched.
  std::size_t high_water = 1024 * 1024;

  // Most bytes left over for one client; an emit that would pass it is dropped and the client ends with the
  // reason "slow consumer". At least max_payload and high_water.
  std::size_t max_queue = 16 * 1024 * 1024;

  // Above high_water, and not one byte taken for so long: the client ends with "slow consumer". Greater than
  // zero.
  std::chrono::milliseconds stall_timeout = std::chrono::seconds{30};

  // Bytes that the whole process keeps for others: what is left over for all clients, what other threads have
  // emitted and no Worker has taken, packets whose attachments are still arriving, what waits for a namespace
  // to be joined. Bytes that many share count once. While it is spent, emits from other threads are dropped;
  // a client for which more than high_water would be left over ends; and with each turn of the loop the
  // one that costs most, all with the reason "slow consumer". At least max_queue.
  std::size_t budget = 256 * 1024 * 1024;

  CorsOptions cors;
  HttpOptions http;

  // Answers GET there with Server::metrics() in Prometheus's text format, as "/metrics". Whoever reaches the
  // port can read it: at a public address leave that to a proxy, or to http().use(). Absent: nowhere.
  std::optional<std::string> metrics_path;

  // run() ends gracefully on SIGTERM and SIGINT, and gives the signals back when it returns.
  bool signals = true;

  // How long close() waits for what is queued to be sent. Zero: not at all.
  std::chrono::milliseconds close_timeout = std::chrono::seconds{5};

  // Throws std::invalid_argument that names the first bad field and its value.
  BANTER_API void validate() const;
};

}  // namespace banter
