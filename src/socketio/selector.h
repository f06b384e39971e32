// Whom a broadcast is for.
#pragma once

#include <string>
#include <vector>

namespace banter::socketio {

// The union of `rooms`, or everyone if there are none, without those in a room of `except`. A socket's id is
// the name of a room it is in.
struct Selector {
  std::vector<std::string> rooms;
  std::vector<std::string> except;
};

}  // namespace banter::socketio
