// The server of docs/compatibility.md: what its tests, and the written conversations of tests/vectors, talk
// to. Its counterpart on the official server is tests/interop/official; both answer alike.
//
// Takes the options of the test server, and prints `listening on http://HOST:PORT` when it is ready.
#include <banter/banter.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "compat.h"
#include "options.h"

namespace {

constexpr int bad_option = 2;

int fail(const std::exception& error, int status) {
  std::cerr << "compat-server: " << error.what() << std::endl;
  return status;
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
    const fixture::Options options = fixture::parse_options(argc, argv);
    banter::Server io(options.server);
    compat::register_conversations(io);
    io.on_error([](const banter::Problem&) {});  // tests do wrong on purpose
    return serve(io, options);
  } catch (const std::exception& error) {
    return fail(error, bad_option);
  }
}
