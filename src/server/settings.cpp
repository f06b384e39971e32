#include "server/settings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "loop/loop.h"

namespace banter::server {

namespace {

// So that the answer to a poll, which may take all that has been waiting for it, can have its head and
// something in front of it.
constexpr std::size_t http_on_top = 64 * 1024;

}  // namespace

Settings::Settings(const Options& options) {
  stream.high_water = options.high_water;
  stream.max_queue = options.max_queue;
  stream.stall_timeout = options.stall_timeout;

  http.limits.max_request_line = options.http.max_request_line;
  http.limits.max_head = options.http.max_head;
  http.limits.max_headers = options.http.max_headers;
  http.max_dropped_body = options.http.max_body;
  http.head_timeout = options.http.head_timeout;
  http.body_timeout = options.http.body_timeout;
  http.idle_timeout = options.http.keep_alive_timeout;
  http.stream = stream;
  http.stream.max_queue = std::max(options.max_queue, options.max_queue + http_on_top);  // may overflow

  websocket.limits.max_message = options.max_payload;
  if (options.deflate) {
    deflate = {.threshold = options.deflate->threshold,
               .window_bits = options.deflate->window_bits,
               .memory_level = options.deflate->memory_level,
               .level = options.deflate->level,
               .context_takeover = options.deflate->context_takeover};
  }

  engine.ping_interval = options.ping_interval;
  engine.ping_timeout = options.ping_timeout;
  engine.max_payload = options.max_payload;
  engine.serves_polling = options.polling;
  engine.serves_websocket = options.websocket;
  engine.allows_upgrades = options.allow_upgrades;
  engine.upgrade_timeout = options.upgrade_timeout;
  engine.admission_timeout = options.allow_request_timeout;
  engine.high_water = options.high_water;
  engine.stall_timeout = options.stall_timeout;
  engine.max_queue = options.max_queue;
  engine.compress_polls_from = options.compress_polls_from;

  socketio.max_attachments = options.max_attachments;
  socketio.max_packet = 10 * options.max_payload;
  socketio.max_held = options.max_payload;
  socketio.max_event_name = options.max_event_name;
  socketio.max_rooms = options.max_rooms;
  socketio.max_pending_acks = options.max_pending_acks;
  if (const auto& rate = options.event_rate)
    socketio.event_rate = socketio::EventRate{rate->per_second, rate->burst};
  socketio.max_namespaces = options.max_namespaces;
  socketio.max_dynamic_namespaces = options.max_dynamic_namespaces;
  socketio.cleanup_empty_namespaces = options.cleanup_empty_namespaces;
  socketio.connect_timeout = options.connect_timeout;
  socketio.middleware_timeout = options.middleware_timeout;
  socketio.ack_timeout = options.ack_timeout;
  socketio.keep_headers = options.keep_headers;
}

http::CorsSettings cors_settings(const Options& options, socketio::ProblemSink& problems) {
  const CorsOptions& cors = options.cors;
  http::CorsSettings settings{.origins = cors.origins,
                              .credentials = cors.credentials,
                              .methods = cors.methods,
                              .allowed_headers = cors.allowed_headers,
                              .exposed_headers = cors.exposed_headers,
                              .max_age = cors.max_age};
  if (!cors.allow) return settings;
  settings.allows = [decide = cors.allow, &problems](std::string_view origin) {
    Problem context;
    context.where = Problem::Where::origin;
    context.event = origin;
    bool is_allowed = false;
    return socketio::call_user(problems, context, [&] { is_allowed = decide(origin); }) && is_allowed;
  };
  return settings;
}

// A client is not read from above high_water. What may come on top of that, and must not cost the client its
// connection, is the echo of a longest message and of what was read together with its end.
RawSettings::RawSettings(const Options& options, const WebSocketEndpoint& endpoint)
    : stream(Settings(options).stream) {
  websocket.limits.max_message = endpoint.max_message;
  websocket.limits.max_fragments =
      static_cast<std::uint32_t>(std::min<std::size_t>(endpoint.max_fragments, UINT32_MAX));
  websocket.reading = websocket::Reading::pauses_above_high_water;
  const std::size_t longest = std::min(endpoint.max_message, SIZE_MAX / 2);
  const std::size_t on_top = longest + loop::Loop::receive_size;
  stream.max_queue = std::max(stream.max_queue, stream.high_water + on_top);
}

}  // namespace banter::server
