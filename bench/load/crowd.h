#pragma once

#include <cstddef>
#include <vector>

#include "load/connection.h"

namespace bench {

// Connections that go through the handshakes together. `first_number`: see Connection.
using Crowd = std::vector<Connection>;

// Appends `count` connections that are open and have joined.
void add_connections(Crowd& crowd, std::size_t count, const Endpoint& endpoint, std::size_t first_number);

// Closes all of them properly and empties the crowd.
void close_connections(Crowd& crowd);

// Allows this process enough descriptors for `connections`; throws Failure if the hard limit forbids it.
void allow_descriptors(std::size_t connections);

}  // namespace bench
