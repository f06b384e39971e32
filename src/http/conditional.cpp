#include "http/conditional.h"

#include <algorithm>
#include <optional>

#include "http/text.h"

namespace banter::http {

namespace {

// ";q=0", ";q=0.000": not acceptable (RFC 9110 section 12.4.2).
bool has_zero_quality(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view parameter = trim(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (parameter.size() < 3 || !equals_ignoring_case(parameter.substr(0, 2), "q=")) continue;
    return parameter.find_first_not_of("0.", 2) == std::string_view::npos;
  }
  return false;
}

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

bool accepts_coding(const Request& request, std::string_view coding) {
  bool accepts_any = false;
  for (const std::string_view value : request.headers.get_all("Accept-Encoding")) {
    std::string_view list = value;
    while (const auto element = next_element(list)) {
      const std::size_t end = std::min(element->find(';'), element->size());
      const std::string_view name = trim(element->substr(0, end));
      const bool is_accepted = !has_zero_quality(element->substr(std::min(end + 1, element->size())));
      if (equals_ignoring_case(name, coding)) return is_accepted;
      if (name == "*") accepts_any = is_accepted;
    }
  }
  return accepts_any;
}

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
