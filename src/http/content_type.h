// Content types by the ending of a file's name.
#pragma once

#include <string_view>

namespace banter::http {

// "text/html; charset=utf-8" for "a/b.HTML"; "application/octet-stream" for what is not known.
[[nodiscard]] std::string_view content_type_of(std::string_view path) noexcept;

}  // namespace banter::http
