// Runs bytes through a RequestParser in pieces of a given length, for tests.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "http/request_parser.h"

namespace banter::http {

struct Parsed {
  std::vector<Request> requests;  // with their bodies
  std::error_code error;
  bool operator==(const Parsed&) const = default;
};

inline Parsed parse_all(std::string_view bytes, std::size_t piece, const Limits& limits = {},
                        std::uint64_t max_body = 1'000'000) {
  RequestParser parser(limits);
  Parsed parsed;
  std::string body;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    for (bool goes_on = true; goes_on;) {
      switch (parser.read(input)) {
        case RequestParser::Event::need_input: goes_on = false; break;
        case RequestParser::Event::head: parser.set_max_body(max_body); break;
        case RequestParser::Event::body: body += parser.body_piece(); break;
        case RequestParser::Event::end:
          parser.request().body = std::exchange(body, {});
          parsed.requests.push_back(parser.request());
          break;
        case RequestParser::Event::error: parsed.error = parser.error(); return parsed;
      }
    }
  }
  return parsed;
}

}  // namespace banter::http
