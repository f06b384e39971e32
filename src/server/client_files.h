// The JavaScript client inside the library: what is served at /socket.io/socket.io.js and beside it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace banter::server {

// One file of the client. All views are of static memory and never end.
struct EmbeddedFile {
  std::string_view name;  // "socket.io.js"
  std::string_view type;  // for Content-Type: "text/javascript; charset=utf-8"
  std::span<const std::byte> bytes;
  std::span<const std::byte> gzip;    // `bytes`, for Content-Encoding: gzip
  std::span<const std::byte> brotli;  // `bytes`, for Content-Encoding: br
};

// The files of the client, sorted by name; none if the library was built without it (BANTER_CLIENT).
//
// Threads: any.
[[nodiscard]] std::span<const EmbeddedFile> client_files() noexcept;

}  // namespace banter::server
