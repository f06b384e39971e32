#include "base/json_builder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/json_string.h"
#include "base/json_walker.h"

namespace banter::base {
namespace {

// The integers JSON text can give are kept as integers, like nlohmann's own parser does.
bool set_number(std::string_view text, json& out) {
  const char* const end = text.data() + text.size();
  if (text.front() == '-') {
    std::int64_t value = 0;
    const auto [behind, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && behind == end) return out = value, true;
  } else {
    std::uint64_t value = 0;
    const auto [behind, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && behind == end) return out = value, true;
  }
  double value = 0;
  if (!detail::decode_double(text, value)) return false;
  out = value;
  return true;
}

void set_string(std::string_view text, json& out) {
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (inside.find('\\') == std::string_view::npos) {
    out = json(json::string_t(inside));  // in memory of the right size
    return;
  }
  out = json::string_t();
  append_unescaped(out.get_ref<json::string_t&>(), text);
}

bool set_scalar(std::string_view text, json& out) {
  switch (text.front()) {
    case '"': set_string(text, out); return true;
    case 't': out = true; return true;
    case 'f': out = false; return true;
    case 'n': out = nullptr; return true;
    default: return set_number(text, out);
  }
}

// The number of the attachment that a placeholder names, if it is an integer below `count`.
std::optional<std::size_t> attachment_number(const json& object, std::size_t count) {
  const auto number = object.find("num");
  if (number == object.end() || !number->is_number()) return std::nullopt;
  const double value = number->get<double>();  // exact below 2^53, and no packet has more attachments
  const bool is_index = value >= 0 && value < static_cast<double>(count) && value == std::floor(value);
  return is_index ? std::optional(static_cast<std::size_t>(value)) : std::nullopt;
}

// Builds while the walker walks. The innermost open container is the top of the stack; pointers stay valid
// because a container does not grow while one inside it is open.
class Builder {
 public:
  Builder(json& root, std::span<const Bytes> attachments) : slot_(&root), attachments_(attachments) {}

  bool open(const char* at) {
    json& container = place();
    if (*at == '{')
      container = json::object();
    else
      container = json::array();
    stack_[depth_++] = &container;
    return true;
  }

  bool key(std::string_view raw) {
    key_.clear();
    append_unescaped(key_, raw);
    slot_ =
        &stack_[depth_ - 1]->get_ref<json::object_t&>()[key_];  // the same again for a duplicate: last wins
    return true;
  }

  bool scalar(std::string_view raw) { return set_scalar(raw, place()); }

  bool close(const char*) {
    json& closed = *stack_[--depth_];
    return attachments_.empty() || !closed.is_object() || substitute(closed);
  }

 private:
  // Where the next value goes.
  json& place() {
    if (depth_ == 0 || stack_[depth_ - 1]->is_object()) return *slot_;
    auto& array = stack_[depth_ - 1]->get_ref<json::array_t&>();
    return array.emplace_back();
  }

  // Replaces a placeholder by its attachment (protocol: binary). False if that is not there.
  bool substitute(json& object) const {
    const auto mark = object.find("_placeholder");
    if (mark == object.end() || !mark->is_boolean() || !mark->get<bool>()) return true;
    const auto number = attachment_number(object, attachments_.size());
    if (!number) return false;
    json value = attachments_[*number];
    object = std::move(value);
    return true;
  }

  json* slot_;
  std::span<const Bytes> attachments_;
  std::string key_;
  std::size_t depth_ = 0;
  std::array<json*, max_json_depth> stack_;
};

}  // namespace

// A scalar is known to be one from its first to its last byte: only what has an inside is walked through.
bool build_json(const detail::RawArgument& raw, json& out) {
  if (raw.text.empty()) return false;
  const bool has_inside = raw.text.front() == '{' || raw.text.front() == '[';
  if (!has_inside) return set_scalar(raw.text, out);
  const char* const end = raw.text.data() + raw.text.size();
  Builder builder(out, raw.attachments);
  return walk_container(raw.text.data(), end, max_json_depth, builder) == end;
}

}  // namespace banter::base
