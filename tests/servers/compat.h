// What compat-server answers, a file for each part.
#pragma once

#include <banter/banter.h>

#include <string>
#include <utility>
#include <vector>

namespace compat {

// A room or several: "a", or ["a", "b"].
struct Rooms {
  std::vector<std::string> names;
};
inline void from_json(const banter::json& value, Rooms& rooms) {
  if (value.is_string()) {
    rooms.names = {value.get<std::string>()};
  } else {
    value.get_to(rooms.names);
  }
}

inline banter::Disconnect what_ends(bool close) {
  return close ? banter::Disconnect::connection : banter::Disconnect::from_namespace;
}

// Takes the options that compat-server has beside those of the test server, into `options`; answers the
// others.
std::vector<char*> take_options(int argc, char** argv, banter::Options& options);

// Decisions about handshakes, extra header fields, and what was refused.
void register_handshakes(banter::Server& io);

// What the conversations of tests/vectors expect of a server; their files say it.
void register_conversations(banter::Server& io);

// What one socket can do.
void register_sockets(const banter::Namespace& nsp);

// What reaches many, by the members of Server and by those of Namespace.
void register_broadcasts(banter::Server& io);
void register_broadcasts(const banter::Namespace& nsp);

// Rules, middleware, and what is told of a socket's end.
void register_namespaces(banter::Server& io);

}  // namespace compat
