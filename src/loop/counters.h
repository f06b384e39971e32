// What one loop has moved, and how late it was.
#pragma once

#include "base/counter.h"
#include "base/histogram.h"

namespace banter::loop {

// The loop's thread is the only writer.
struct Counters {
  base::Counter bytes_in;   // read from all streams
  base::Counter bytes_out;  // of all streams, taken by the kernel
  base::Histogram lag;      // how late timers were: what came before them took so long
};

}  // namespace banter::loop
