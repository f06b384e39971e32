#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "load/connection.h"

namespace bench {

struct Options {
  // What to do: echo, broadcast, idle, idle-polling, connect or recovery.
  std::string scenario;

  // The process whose CPU time and memory are read.
  pid_t pid = 0;

  // The server, on 127.0.0.1. The path follows from scenario and protocol unless it is given.
  Endpoint endpoint;

  // Connections open at the same time; for `connect`, opened and closed in each round.
  std::size_t connections = 100;

  // Of the payload of a frame, in bytes.
  std::size_t size = 64;

  // Messages sent in one write and then awaited. All of them together at most 64 KiB, so that they fit
  // into the socket buffers while nobody reads.
  std::size_t depth = 1;

  // Rounds that are measured; a tenth of them goes before, not measured.
  std::size_t rounds = 1000;
};

// Throws Failure that names the first bad option.
Options parse_options(int argc, char** argv);

}  // namespace bench
