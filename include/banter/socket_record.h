// What is told of sockets and rooms that may be in another process: values, as they were when asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "banter/handshake.h"
#include "banter/json.h"

namespace banter {

struct SocketRecord {
  std::string id;
  Handshake handshake;
  std::vector<std::string> rooms;  // the one named by its id included
  json data;
};

struct RoomInfo {
  std::string name;
  std::size_t size = 0;  // members in this process: others tell only which rooms they have
};

}  // namespace banter
