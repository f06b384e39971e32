// From an HTTP request for a WebSocket to its stream.
#pragma once

#include <memory>
#include <string>

#include "banter/function.h"
#include "http/exchange.h"
#include "http/request.h"
#include "loop/stream.h"
#include "websocket/deflate.h"

namespace banter::websocket {

struct Opened {
  loop::StreamPtr stream;                      // null if the request was refused
  std::string rest;                            // what the client has sent behind its request
  std::unique_ptr<PermessageDeflate> deflate;  // null if that is not agreed on
};

// Answers the opening handshake: 101 with what `upgrade` has collected as headers, or a refusal. The stream
// must be given to a Connection before the loop goes on.
// `compressors` are null where permessage-deflate is not wanted. `before` is called once it is clear that the
// request is accepted: it may add headers.
[[nodiscard]] Opened accept_upgrade(const http::Request& request, http::Upgrade& upgrade,
                                    Compressors* compressors, Function<void()> before = nullptr);

}  // namespace banter::websocket
