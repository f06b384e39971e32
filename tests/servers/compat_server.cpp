// The server of docs/compatibility.md: what its tests, and the written conversations of tests/vectors, talk
// to. Its counterpart on the official server is tests/interop/official; both answer alike.
//
// Takes the options of the test server and those of compat_options.cpp, and prints `listening on
// http://HOST:PORT` when it is ready.
#include <banter/banter.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>
#include <vector>

#include "compat.h"
#include "options.h"

namespace {

constexpr int bad_option = 2;

int fail(const std::exception& error, int status) {
  std::cerr << "compat-server: " << error.what() << std::endl;
  return status;
}

void register_everything(banter::Server& io) {
  compat::register_handshakes(io);
  compat::register_conversations(io);
  compat::register_sockets(io.of("/"));
  compat::register_sockets(io.of("/api"));
  compat::register_broadcasts(io);
  compat::register_broadcasts(io.of("/api"));
  compat::register_namespaces(io);
}

int serve(banter::Server& io, const fixture::Options& options) {
  try {
    const banter::Address address = io.listen(options.port, options.host);
    std::cout << "listening on http://" << address.host << ':' << address.port << std::endl;
    io.run();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    return fail(error, EXIT_FAILURE);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    banter::Options own;
    own.keep_headers.emplace_back("x-test");
    std::vector<char*> others = compat::take_options(argc, argv, own);
    const int count = static_cast<int>(others.size());
    const fixture::Options options = fixture::parse_options(count, others.data(), std::move(own));
    banter::Server io(options.server);
    register_everything(io);
    io.on_error([](const banter::Problem&) {});  // tests do wrong on purpose
    return serve(io, options);
  } catch (const std::exception& error) {
    return fail(error, bad_option);
  }
}
