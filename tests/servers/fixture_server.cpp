// The test server: what the interoperability tests, the public protocol suites, the benchmarks and the
// browser tests talk to. Written with the public API alone, so it is its longest example too.
//
// Prints `listening on http://HOST:PORT` when it is ready. Ends with 0 on SIGTERM, 2 for a bad option, 1 if
// it cannot listen.
#include <banter/banter.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "events.h"
#include "options.h"

namespace {

constexpr int bad_option = 2;

void add_websockets(banter::Server& io) {
  banter::WebSocketEndpoint echo;
  echo.max_message = 64 * 1024 * 1024;
  echo.max_fragments = 131'072;
  echo.on_message = [](banter::WebSocket socket, banter::BytesView bytes, banter::MessageKind kind) {
    socket.send(bytes, kind);
  };
  io.websocket("/echo", std::move(echo));
  io.native_events("/ws", "/");
}

void add_engine(banter::Server& io) {
  banter::EngineEndpoint echo;
  echo.on_message = [](banter::EngineSocket socket, banter::BytesView bytes, banter::MessageKind kind) {
    socket.send(bytes, kind);
  };
  io.engine("/engine.io/", std::move(echo));
}

void add_http(const banter::Http& http, const std::string& public_folder) {
  const auto ok = [](const banter::Request&, banter::Response response) {
    response.send(200, "text/plain", "ok");
  };
  http.get("/healthz", ok);
  http.get("/readyz", ok);
  if (!public_folder.empty()) http.files("/", public_folder);
}

void add_namespaces(banter::Server& io, const std::string& node) {
  for (const char* name : {"/", "/custom", "/chat"})
    fixture::register_events(io, io.of(name), node);
  fixture::register_events(io, io.of(banter::Pattern{"^/dynamic-\\d+$"}), node);
  io.of("/denied").use([](banter::Socket, banter::Next next) {
    next.refuse("denied", banter::json::object({{"why", "role"}}));
  });
  // Tests send what does not fit, and make handlers throw, on purpose: that is no news for standard error.
  io.on_error([](const banter::Problem&) {});
}

std::string url_of(const banter::Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return "http://" + (is_v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

void serve(banter::Server& io, const fixture::Options& options, std::string& node) {
  const banter::Address address = io.listen(options.port, options.host);
  node = options.node.empty() ? "node-" + std::to_string(address.port) : options.node;
  std::cout << "listening on " << url_of(address) << std::endl;
  io.run();
}

int fail(const std::exception& error, int status) {
  std::cerr << "fixture-server: " << error.what() << std::endl;
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const fixture::Options options = fixture::parse_options(argc, argv);
    std::string node;
    banter::Server io(options.server);
    add_websockets(io);
    add_engine(io);
    add_http(io.http(), options.public_folder);
    add_namespaces(io, node);
    try {
      serve(io, options, node);
      return EXIT_SUCCESS;
    } catch (const std::exception& error) {
      return fail(error, EXIT_FAILURE);
    }
  } catch (const std::exception& error) {
    return fail(error, bad_option);
  }
}
