// What a client sent when it connected.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "banter/export.h"
#include "banter/json.h"

namespace banter {

// A copy of what opened the connection; `auth` is that of one namespace, the rest is the same for all of
// them.
struct Handshake {
  struct Header {
    std::string name;  // lower case
    std::string value;
  };

  // Of the request: all of them during middleware and the connection handler, later those that
  // Options::keep_headers names.
  std::vector<Header> headers;
  std::string url;       // the request target as it came
  std::string address;   // the peer's, numeric
  bool secure = false;   // came over TLS
  bool xdomain = false;  // had an Origin header
  std::chrono::system_clock::time_point issued;

  // What the client gave as `auth`; an empty object if it gave nothing. Over plain JSON events the query.
  json auth;

  // The first header of that name, in any case; empty if there is none.
  [[nodiscard]] BANTER_API std::string_view header(std::string_view name) const noexcept;

  // A parameter of the URL's query, decoded; of several with this name the last.
  [[nodiscard]] BANTER_API std::optional<std::string> query(std::string_view name) const;

  // All of them.
  [[nodiscard]] BANTER_API std::map<std::string, std::string> query() const;
};

}  // namespace banter
