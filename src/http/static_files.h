// Serves the files of a folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/request.h"

namespace banter::http {

// The path behind the prefix names the file; a folder stands for its index.html. Nothing outside of the
// folder is served, wherever links lead, and nothing whose name begins with a dot. Files are looked up and
// read on libuv's pool, in pieces; a "name.gz" that is not older than "name" is sent to who accepts gzip.
//
// Immutable: several threads may call serve() at once.
class StaticFiles {
 public:
  // Serves `folder` below `prefix` ("/" or "/files"). Throws std::system_error that names the folder if it
  // cannot be read.
  StaticFiles(std::string_view prefix, const std::string& folder);

  // Answers a GET or HEAD at or below the prefix: 200 or 304, 301 to a folder's path with its slash, 403 for
  // what may not be read, 404.
  void serve(const Request& request, Responder responder) const;

 private:
  std::string prefix_;  // without its last slash
  std::string root_;
};

// What a request for a file may say: the path below the root, or nothing if no file can be meant. Exposed for
// tests. `raw_path` is percent-encoded and begins with a slash.
[[nodiscard]] std::optional<std::string> relative_path(std::string_view raw_path);

}  // namespace banter::http
