// What one Worker counts, layer by layer.
#pragma once

#include "base/counter.h"
#include "engine/settings.h"
#include "http/counters.h"
#include "loop/counters.h"
#include "socketio/settings.h"
#include "websocket/counters.h"

namespace banter::server {

// The Worker's thread is the only writer, any thread reads. Outlives the Worker: the figures stay.
struct Counters {
  loop::Counters loop;
  http::Counters http;
  websocket::Counters websocket;
  engine::Counters engine;
  socketio::Counters socketio;
  base::Counter raw;         // WebSockets of Server::websocket, now
  base::Counter raw_opened;  // ever
  base::Counter stalls;
  base::Counter refused_origins;
};

}  // namespace banter::server
