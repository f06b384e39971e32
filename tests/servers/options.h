// The command line of the test server.
#pragma once

#include <banter/banter.h>

#include <cstdint>
#include <string>

namespace fixture {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;  // 0 picks a free one
  std::string public_folder;  // empty: serves no files
  std::string node;           // what `whoami` reports; empty: node-<port>
  banter::Options server;
};

// Throws std::invalid_argument, in words for the person at the command line, for an option that is unknown or
// incomplete, and for a value that is not of its kind. Ranges are for banter::Options::validate to judge.
// `defaults` are for what the command line does not name.
[[nodiscard]] Options parse_options(int argc, char** argv, banter::Options defaults = {});

}  // namespace fixture
