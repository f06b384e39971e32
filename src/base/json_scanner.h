// Splits JSON text into the extents of its parts, having checked the whole grammar (RFC 8259) once.
// Everything that reads JSON later relies on it: an error is found here or nowhere.
//
// No byte order mark, no trailing bytes, at most `max_json_depth` open brackets. Escaped lone surrogates are
// legal, numbers may have any length. White space in front is skipped; where a protocol forbids it, its
// parser looks first. The text's UTF-8 is the transport's business. Linear in the text, allocates nothing, a
// few hundred bytes of stack.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace banter::base {

inline constexpr std::size_t max_json_depth = 512;

enum class JsonKind { null, boolean, number, string, array, object };

// The kind of a checked value, by its first byte.
[[nodiscard]] JsonKind kind_of(std::string_view value) noexcept;

// True if `text` is one JSON value.
[[nodiscard]] bool is_json(std::string_view text) noexcept;

// Sets `elements` to the values of the array that `text` is; false, `elements` unspecified, if it is not one.
// Keeps the vector's memory, so one vector can serve packet after packet.
[[nodiscard]] bool split_array(std::string_view text, std::vector<std::string_view>& elements);

// The same for an object: keys with quotes and escapes as written, in order, duplicates included.
using RawMember = std::pair<std::string_view, std::string_view>;
[[nodiscard]] bool split_object(std::string_view text, std::vector<RawMember>& members);

}  // namespace banter::base
