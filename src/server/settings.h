// The layers' settings, as they follow from the options.
#pragma once

#include <optional>

#include "banter/http.h"
#include "banter/options.h"
#include "engine/settings.h"
#include "http/cors.h"
#include "http/settings.h"
#include "loop/stream.h"
#include "socketio/settings.h"
#include "socketio/user_code.h"
#include "websocket/connection.h"

namespace banter::server {

struct Settings {
  explicit Settings(const Options& options);

  loop::Settings stream;
  http::Settings http;
  websocket::Settings websocket;  // of Engine.IO and plain JSON connections
  std::optional<websocket::DeflateSettings> deflate;
  engine::Settings engine;
  socketio::Settings socketio;
};

// `problems` hears what the application's predicate throws, and outlives the settings.
[[nodiscard]] http::CorsSettings cors_settings(const Options& options, socketio::ProblemSink& problems);

// Those of one raw endpoint.
struct RawSettings {
  RawSettings(const Options& options, const WebSocketEndpoint& endpoint);

  websocket::Settings websocket;
  loop::Settings stream;
};

}  // namespace banter::server
