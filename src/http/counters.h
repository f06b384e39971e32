// What the HTTP connections of one Worker have seen.
#pragma once

#include "base/counter.h"

namespace banter::http {

struct Counters {
  base::Counter connections;       // ever taken on
  base::Counter open_connections;  // now
  base::Counter requests;          // whose head was complete
  base::Counter upgrades;          // accepted
  base::Counter successes;         // answers 2xx
  base::Counter redirections;      // answers 3xx, 304 among them
  base::Counter client_errors;     // answers 4xx
  base::Counter server_errors;     // answers 5xx
  base::Counter timeouts;          // heads and bodies that did not arrive in time
};

}  // namespace banter::http
