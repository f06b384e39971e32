// The request target (RFC 9112 section 3.2) and the host it is meant for.
#pragma once

#include <system_error>

#include "http/request.h"

namespace banter::http {

// Fills raw_path, path, query and host of `request` from its target, Host header, method and version. A
// target is a path, an absolute http URL, whose host then counts, or `*` for OPTIONS.
[[nodiscard]] std::error_code split_target(Request& request);

}  // namespace banter::http
