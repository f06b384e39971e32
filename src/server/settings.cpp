#include "server/settings.h"

namespace banter::server {

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

  websocket.limits.max_message = options.max_payload;

  engine.ping_interval = options.ping_interval;
  engine.ping_timeout = options.ping_timeout;
  engine.max_payload = options.max_payload;

  socketio.max_attachments = options.max_attachments;
  socketio.max_packet = 10 * options.max_payload;
  socketio.max_held = options.max_payload;
  socketio.connect_timeout = options.connect_timeout;
  socketio.middleware_timeout = options.middleware_timeout;
  socketio.ack_timeout = options.ack_timeout;
  socketio.keep_headers = options.keep_headers;
}

}  // namespace banter::server
