#include "base/placeholders.h"

#include <cstdint>
#include <limits>

#include "banter/raw_argument.h"
#include "base/base64.h"
#include "base/json_string.h"
#include "base/json_walker.h"

namespace banter::base {
namespace {

// What an object's members say so far; of equal keys the last one counts.
class Candidate {
 public:
  explicit Candidate(std::size_t begin = 0) : begin_(begin) {}

  void key(std::string_view raw) {
    field_ = string_is(raw, "_placeholder") ? Field::mark
             : string_is(raw, "num")        ? Field::number
                                            : Field::other;
  }

  // The value behind the key; empty for an array or object.
  void value(std::string_view raw) {
    if (field_ == Field::mark) is_placeholder_ = raw == "true";
    if (field_ == Field::number && !detail::decode_integer(raw, number_)) number_ = no_number;
  }

  std::size_t begin() const { return begin_; }
  bool is_placeholder() const { return is_placeholder_; }
  std::uint64_t number() const { return number_; }

 private:
  enum class Field { mark, number, other };

  // Of a `num` that is missing or no integer: as wrong as one beyond the last attachment.
  static constexpr std::uint64_t no_number = std::numeric_limits<std::uint64_t>::max();

  std::size_t begin_;
  Field field_ = Field::other;
  bool is_placeholder_ = false;
  std::uint64_t number_ = no_number;
};

class Finder {
 public:
  Finder(const char* text, std::size_t count, std::vector<Placeholder>& found)
      : text_(text), count_(count), found_(found) {}

  bool open(const char* at) {
    if (!open_.empty()) open_.back().value({});
    open_.emplace_back(offset_of(at));
    return true;
  }
  bool key(std::string_view raw) { return open_.back().key(raw), true; }
  bool scalar(std::string_view raw) {
    if (!open_.empty()) open_.back().value(raw);
    return true;
  }

  bool close(const char* behind) {
    const Candidate closed = open_.back();
    open_.pop_back();
    if (!closed.is_placeholder()) return true;
    if (closed.number() >= count_) return false;
    while (!found_.empty() && found_.back().begin > closed.begin())
      found_.pop_back();  // were inside this one
    found_.push_back({closed.begin(), offset_of(behind), static_cast<std::size_t>(closed.number())});
    return true;
  }

 private:
  std::size_t offset_of(const char* at) const { return static_cast<std::size_t>(at - text_); }

  const char* text_;
  std::size_t count_;
  std::vector<Placeholder>& found_;
  std::vector<Candidate> open_;
};

}  // namespace

bool find_placeholders(std::string_view text, std::size_t attachment_count, std::vector<Placeholder>& found) {
  found.clear();
  const char* const end = text.data() + text.size();
  Finder finder(text.data(), attachment_count, found);
  return walk_value(skip_space(text.data(), end), end, max_json_depth, finder) != nullptr;
}

const Bytes* attachment_of(std::string_view text, std::span<const Bytes> attachments) {
  if (!text.starts_with('{')) return nullptr;
  Candidate object;
  detail::Members members(text);
  for (std::string_view key, value; members.next(key, value);) {
    object.key(key);
    object.value(value);
  }
  const bool is_here = object.is_placeholder() && object.number() < attachments.size();
  return is_here ? &attachments[object.number()] : nullptr;
}

// How many bytes the placeholders of one packet may stand for: so many times what was sent, and what is
// harmless.
constexpr std::uint64_t most_uses = 8;
constexpr std::uint64_t always_allowed = 1'048'576;

bool check_placeholders(std::string_view text, std::span<const Bytes> attachments) {
  std::vector<Placeholder> found;
  if (!find_placeholders(text, attachments.size(), found)) return false;
  std::uint64_t sent = 0;
  for (const Bytes& attachment : attachments)
    sent += attachment.size();
  std::uint64_t meant = 0;
  for (const Placeholder& placeholder : found)
    meant += attachments[placeholder.number].size();
  return meant <= most_uses * sent + always_allowed;
}

void append_with_base64(std::string& out, std::string_view text, std::span<const std::size_t> offsets,
                        std::span<const Bytes> attachments) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    out += text.substr(copied, offsets[i] - copied);
    out += '"';
    append_base64(out, attachments[i].span());
    out += '"';
    copied = text.find('}', offsets[i]) + 1;
  }
  out += text.substr(copied);
}

}  // namespace banter::base
