#include "rules.h"

#include <algorithm>
#include <array>

namespace chat::rules {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// C0, DEL, C1.
constexpr std::array controls = {Range{0x00, 0x1f}, Range{0x7f, 0x9f}};

// Invisible, or able to reorder what stands around them (Unicode Standard Annex 9, explicit formatting).
constexpr std::array hiding = {Range{0xad, 0xad},     Range{0x200b, 0x200b},  Range{0x200e, 0x200f},
                               Range{0x2028, 0x202e}, Range{0x2060, 0x206f},  Range{0xfeff, 0xfeff},
                               Range{0xfff9, 0xfffb}, Range{0xe0000, 0xe0fff}};

// Allowed, but nothing to see by themselves: spaces, joiners, fillers, variation selectors.
constexpr std::array blank = {Range{0x20, 0x20},     Range{0xa0, 0xa0},     Range{0x34f, 0x34f},
                              Range{0x115f, 0x1160}, Range{0x1680, 0x1680}, Range{0x17b4, 0x17b5},
                              Range{0x180b, 0x180f}, Range{0x2000, 0x200d}, Range{0x202f, 0x202f},
                              Range{0x205f, 0x205f}, Range{0x2800, 0x2800}, Range{0x3000, 0x3000},
                              Range{0x3164, 0x3164}, Range{0xfe00, 0xfe0f}, Range{0xffa0, 0xffa0}};

template <std::size_t size>
constexpr bool is_in(const std::array<Range, size>& ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [point](Range range) { return range.first <= point && point <= range.last; });
}

constexpr char32_t no_point = 0xffffffff;

// Takes one code point off the front of `text`, which is not empty; no_point for bytes that are not UTF-8.
char32_t take_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || text.size() < size) return no_point;
  char32_t point = size == 1 ? first : first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return no_point;
    point = (point << 6) | (next & 0x3fU);
  }
  // Overlong forms, surrogates and what lies beyond Unicode (RFC 3629 section 3).
  const bool is_overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  if (is_overlong || is_surrogate || point > 0x10ffff) return no_point;
  text.remove_prefix(size);
  return point;
}

struct Shape {
  std::size_t points = 0;
  bool is_utf8 = true;
  bool shows_something = false;
  bool has_controls = false;  // tab and line feed are not counted
  bool has_breaks = false;    // tab and line feed
  bool has_hiding = false;
};

// Looks at no more than `most` + 1 characters.
Shape shape_of(std::string_view text, std::size_t most) {
  Shape shape;
  while (!text.empty() && shape.points <= most) {
    const char32_t point = take_point(text);
    shape.is_utf8 = point != no_point;
    if (!shape.is_utf8) return shape;
    ++shape.points;
    const bool is_break = point == '\t' || point == '\n';
    const bool is_control = !is_break && is_in(controls, point);
    const bool is_hiding = is_in(hiding, point);
    shape.has_breaks |= is_break;
    shape.has_controls |= is_control;
    shape.has_hiding |= is_hiding;
    shape.shows_something |= !is_break && !is_control && !is_hiding && !is_in(blank, point);
  }
  return shape;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string clean_name(std::string_view name) {
  std::string clean;
  for (const char c : name) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      clean += c;
    } else if (!clean.empty() && clean.back() != ' ') {
      clean += ' ';
    }
  }
  if (!clean.empty() && clean.back() == ' ') clean.pop_back();
  return clean;
}

std::string_view name_problem(std::string_view name) {
  const Shape shape = shape_of(name, max_name);
  if (!shape.is_utf8) return "The name is not valid text.";
  if (shape.points > max_name) return "A name has at most 32 characters.";
  if (shape.has_controls || shape.has_breaks || shape.has_hiding) {
    return "This name has an invisible character in it.";
  }
  if (!shape.shows_something) return "Please choose a name.";
  return {};
}

std::string_view room_problem(std::string_view room) {
  if (room.empty()) return "The name of a room cannot be empty.";
  if (room.size() > max_room) return "The name of a room has at most 32 characters.";
  const bool is_plain =
      std::all_of(room.begin(), room.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
  const bool has_odd_hyphen =
      room.front() == '-' || room.back() == '-' || room.find("--") != std::string_view::npos;
  if (!is_plain || has_odd_hyphen) {
    return "The name of a room is made of letters a-z, digits, and single hyphens between them.";
  }
  return {};
}

std::string_view text_problem(std::string_view text) {
  const Shape shape = shape_of(text, max_text);
  if (!shape.is_utf8) return "The message is not valid text.";
  if (shape.points > max_text) return "A message has at most 2000 characters.";
  if (shape.has_controls) return "The message has a control character in it.";
  if (!shape.shows_something) return "The message is empty.";
  return {};
}

bool is_id(std::string_view id) {
  return id.size() >= min_id && id.size() <= max_id &&
         std::all_of(id.begin(), id.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

std::string fold(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

}  // namespace chat::rules
