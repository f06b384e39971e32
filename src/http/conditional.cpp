#include "http/conditional.h"

#include <optional>

#include "http/text.h"

namespace banter::http {

namespace {

// Takes the next entity tag, with its quotes and without W/, off the front of `list`. Tags may hold commas.
std::optional<std::string_view> next_tag(std::string_view& list) {
  const std::size_t open = list.find('"');
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = list.find('"', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view tag = list.substr(open, close - open + 1);
  list.remove_prefix(close + 1);
  return tag;
}

}  // namespace

bool is_not_modified(const Request& request, std::string_view etag, std::string_view last_modified) {
  if (!request.headers.has("If-None-Match")) {
    return !last_modified.empty() && request.header("If-Modified-Since") == last_modified;
  }
  for (const std::string_view value : request.headers.get_all("If-None-Match")) {
    if (trim(value) == "*") return true;
    std::string_view list = value;
    while (const auto tag = next_tag(list)) {
      if (*tag == etag) return true;
    }
  }
  return false;
}

}  // namespace banter::http
