// From an HTTP request for a WebSocket to its stream.
#pragma once

#include <string>

#include "http/exchange.h"
#include "http/request.h"
#include "loop/stream.h"

namespace banter::websocket {

struct Opened {
  loop::StreamPtr stream;  // null if the request was refused
  std::string rest;        // what the client has sent behind its request
};

// Answers the opening handshake: 101 with what `upgrade` has collected as headers, or a refusal. The stream
// must be given to a Connection before the loop goes on.
[[nodiscard]] Opened accept_upgrade(const http::Request& request, http::Upgrade& upgrade);

}  // namespace banter::websocket
