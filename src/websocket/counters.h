// What a Worker's WebSocket connections have done, for metrics.
#pragma once

#include "base/counter.h"

namespace banter::websocket {

// Written by the thread of one loop.
struct Counters {
  base::Counter messages_received;
  base::Counter message_bytes_received;
  base::Counter messages_sent;  // queued for sending
  base::Counter pings_received;
  base::Counter pongs_left_out;   // pings not answered because the peer did not read earlier answers
  base::Counter protocol_errors;  // connections ended by an Error of this layer
};

}  // namespace banter::websocket
