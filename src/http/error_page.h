// Small pages that say what is wrong.
#pragma once

#include <string>
#include <string_view>

#include "http/response.h"

namespace banter::http {

// `text` for HTML, in an element or a quoted attribute.
[[nodiscard]] std::string escape_html(std::string_view text);

// A page with the status and its phrase as the heading and `detail` (plain text, UTF-8) below it.
[[nodiscard]] Response error_page(int status, std::string_view detail);

}  // namespace banter::http
