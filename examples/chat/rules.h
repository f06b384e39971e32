// What a name, a room, an id and a text may be. Every text here came from a peer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chat::rules {

// In characters (code points).
inline constexpr std::size_t max_name = 32;
inline constexpr std::size_t max_room = 32;
inline constexpr std::size_t max_text = 2000;

// In bytes.
inline constexpr std::size_t min_id = 16;
inline constexpr std::size_t max_id = 64;

// One space between words, none around.
[[nodiscard]] std::string clean_name(std::string_view name);

// What is wrong, as a sentence for people; empty if nothing is. They take valid UTF-8 and refuse anything
// else.

// A name is short, shows something, and holds no character that hides or turns others.
[[nodiscard]] std::string_view name_problem(std::string_view name);

// Letters a-z, digits, single hyphens between them.
[[nodiscard]] std::string_view room_problem(std::string_view room);

// A text shows something, and holds no control character but tab and line feed.
[[nodiscard]] std::string_view text_problem(std::string_view text);

// Ids of messages and keys of browsers: letters, digits, `-` and `_`.
[[nodiscard]] bool is_id(std::string_view id);

// For comparing names: "Ann" and "ann" are one person. Latin letters only; no table of the world's cases.
[[nodiscard]] std::string fold(std::string_view name);

}  // namespace chat::rules
