// The inside of JSON strings: escapes (RFC 8259 section 7).
#pragma once

#include <string>
#include <string_view>

namespace banter::base {

// Appends what the checked JSON string `raw`, with its quotes, stands for. A lone surrogate becomes U+FFFD.
void append_unescaped(std::string& out, std::string_view raw);

// True if the checked JSON string `raw`, with its quotes, stands for `plain`, which needs no escapes.
[[nodiscard]] bool string_is(std::string_view raw, std::string_view plain);

// Appends `text` as a JSON string, escaped exactly as JSON.stringify does; bad UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace banter::base
