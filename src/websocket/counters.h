// What a Worker's WebSocket connections have done, for metrics.
#pragma once

#include "base/counter.h"

namespace banter::websocket {

// Written by the thread of one loop.
struct Counters {
  base::Counter messages_received;
  base::Counter message_bytes_received;  // inflated
  base::Counter messages_sent;           // queued for sending
  base::Counter messages_inflated;       // of those received
  base::Counter messages_deflated;  // for one connection; those that many share are counted by who makes them
  base::Counter bytes_before_deflate;
  base::Counter bytes_after_deflate;
  base::Counter pings_received;
  base::Counter pongs_left_out;    // pings not answered because the peer did not read earlier answers
  base::Counter inflate_refusals;  // compressed messages that were corrupt, or would have become too big
  base::Counter protocol_errors;   // connections ended by an Error of this layer
};

}  // namespace banter::websocket
