// What the client has already (RFC 9110 section 13).
#pragma once

#include <string_view>

#include "http/request.h"

namespace banter::http {

// True if the answer is 304: If-None-Match has `etag` (a quoted strong one, also in its W/ form) or `*`; or,
// without that field, If-Modified-Since is `last_modified` to the letter. An empty `last_modified` is never
// equal.
[[nodiscard]] bool is_not_modified(const Request& request, std::string_view etag,
                                   std::string_view last_modified);

}  // namespace banter::http
