#include "load/options.h"

#include <charconv>
#include <limits>
#include <string_view>

#include "load/failure.h"

namespace bench {
namespace {

std::size_t parse_number(std::string_view option, std::string_view text, std::size_t largest) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > largest) {
    throw Failure(std::string(option) + ": '" + std::string(text) + "' is not a number from 1 to " +
                  std::to_string(largest));
  }
  return number;
}

Protocol parse_protocol(std::string_view text) {
  if (text == "socketio") return Protocol::socketio;
  if (text == "raw") return Protocol::raw;
  throw Failure("--protocol: '" + std::string(text) + "' is neither socketio nor raw");
}

void set_option(Options& options, std::string_view name, std::string_view value) {
  constexpr std::size_t many = 1'000'000;
  if (name == "--pid") {
    options.pid = static_cast<pid_t>(parse_number(name, value, std::numeric_limits<pid_t>::max()));
  } else if (name == "--port") {
    options.endpoint.port = static_cast<std::uint16_t>(parse_number(name, value, 65'535));
  } else if (name == "--protocol") {
    options.endpoint.protocol = parse_protocol(value);
  } else if (name == "--path") {
    options.endpoint.path = value;
  } else if (name == "--connections") {
    options.connections = parse_number(name, value, many);
  } else if (name == "--size") {
    options.size = parse_number(name, value, max_frame_payload);
  } else if (name == "--depth") {
    options.depth = parse_number(name, value, many);
  } else if (name == "--rounds") {
    options.rounds = parse_number(name, value, many);
  } else {
    throw Failure("unknown option " + std::string(name));
  }
}

void check(const Options& options) {
  if (options.pid == 0) throw Failure("--pid is missing");
  if (options.endpoint.port == 0) throw Failure("--port is missing");
  if (options.size * options.depth > 65'536) throw Failure("--size times --depth is more than 65536");
}

std::string default_path(const Options& options) {
  if (options.scenario == "idle-polling") return "/socket.io/?EIO=4&transport=polling";
  return options.endpoint.protocol == Protocol::raw ? "/echo" : "/socket.io/?EIO=4&transport=websocket";
}

}  // namespace

Options parse_options(int argc, char** argv) {
  if (argc < 2)
    throw Failure(
        "usage: bench-load echo|broadcast|idle|idle-polling|connect|recovery --pid PID --port PORT "
        "[options]");
  Options options;
  options.scenario = argv[1];
  for (int index = 2; index < argc; index += 2) {
    if (index + 1 == argc) throw Failure(std::string(argv[index]) + " has no value");
    set_option(options, argv[index], argv[index + 1]);
  }
  check(options);
  if (options.endpoint.path.empty()) options.endpoint.path = default_path(options);
  return options;
}

}  // namespace bench
