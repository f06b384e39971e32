// From the text of a head to a Request, with llhttp. The text has passed HeadReader, whose lines are stricter
// than llhttp's; what the fields mean together (Host, lengths, codings) is checked here.
#pragma once

#include <string_view>
#include <system_error>

#include "http/request.h"

namespace banter::http {

// Fills all of `request` but its body. `text` is one whole head, its closing empty line included.
[[nodiscard]] std::error_code parse_head(std::string_view text, Request& request);

}  // namespace banter::http
