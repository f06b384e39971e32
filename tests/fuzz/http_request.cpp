// The HTTP request parser: any cut of the input gives the same requests and the same error, and what it lets
// through holds the promises that the layers above rely on. The first byte is the length of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/http/parse_all.h"

namespace {

using namespace banter::http;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Request& request) {
  require(!request.method.empty() && !request.target.empty());
  require(request.raw_path.starts_with('/') || request.raw_path == "*");
  require(!(request.is_chunked && request.content_length));
  require(request.is_chunked || request.body.size() == request.content_length.value_or(0));
  require(request.headers.count("Host") <= 1 && request.headers.count("Content-Length") <= 1);
  for (const Header& header : request.headers) {
    const auto is_control = [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    };
    require(!header.name.empty() && header.name.find_first_of(" \t:\r\n") == std::string::npos);
    require(std::none_of(header.value.begin(), header.value.end(), is_control));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Limits limits{.max_request_line = 200, .max_head = 400, .max_headers = 8};
  const Parsed whole = parse_all(input, input.size() + 1, limits, 100);
  const Parsed cut = parse_all(input, data[0] % 64 + 1U, limits, 100);
  require(whole.error == cut.error && whole.requests == cut.requests);
  for (const Request& request : whole.requests)
    check(request);
  return 0;
}
