// What is remembered of the request that opened a connection: one compact block.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "banter/handshake.h"
#include "http/exchange.h"
#include "http/request.h"

namespace banter::engine {

// Lines of text in one allocation, since most connections never look at it again.
class HandshakeRecord {
 public:
  HandshakeRecord(std::string_view url, std::string_view address, bool is_secure,
                  std::chrono::system_clock::time_point issued);

  // Names are compared in lower case later, so they are stored that way.
  void add_header(std::string_view name, std::string_view value);

  // Forgets the headers that `names` (lower case) does not list; the second time there is nothing to do.
  void keep_only(const std::vector<std::string>& names);

  // A copy for the application, without `auth`.
  [[nodiscard]] Handshake to_public() const;

 private:
  [[nodiscard]] std::vector<Handshake::Header> headers() const;
  void append_lines(std::string_view name, std::string_view value);

  std::string lines_;  // url, address, then a name and a value for each header; none can hold a line break
  std::chrono::system_clock::time_point issued_;
  bool is_secure_;
  bool has_origin_ = false;
  bool is_trimmed_ = false;
};

// Of a request that asks for a connection.
[[nodiscard]] HandshakeRecord record_of(const http::Request& request, const http::Exchange& exchange);

}  // namespace banter::engine
