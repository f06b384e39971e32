// Files that lie in memory, like the embedded client.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/shared_bytes.h"
#include "http/request.h"
#include "http/response.h"

namespace banter::http {

struct Asset {
  std::string content_type;  // "application/javascript; charset=utf-8"
  base::SharedBytes bytes;
  base::SharedBytes gzip;    // empty: not there
  base::SharedBytes brotli;  // empty: not there
};

// Filled first; then several threads may call answer() at once.
class Assets {
 public:
  // Entity tags are made of `version` and a hash of the content.
  explicit Assets(std::string version) : version_(std::move(version)) {}

  // Replaces an earlier one of that name.
  void add(std::string name, Asset asset);

  // The answer to a request for `name`, in the best coding that is accepted: 200, 304, or 405 for another
  // method than GET and HEAD. Nothing if there is none of that name.
  [[nodiscard]] std::optional<Response> answer(const Request& request, std::string_view name) const;

 private:
  struct Entry {
    Asset asset;
    std::string tag;  // version and hash, without quotes
  };

  std::string version_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace banter::http
