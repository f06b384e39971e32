// Raw arguments into values: the exported half of decode.h.
#include "banter/args.h"
#include "banter/raw_argument.h"
#include "base/base64.h"
#include "base/json_builder.h"
#include "base/json_string.h"
#include "base/json_walker.h"
#include "base/placeholders.h"

namespace banter::detail {

bool decode_bool(std::string_view text, bool& out) noexcept {
  out = text == "true";
  return out || text == "false";
}

bool decode_string(std::string_view text, std::string& out) {
  if (!text.starts_with('"')) return false;
  out.clear();
  base::append_unescaped(out, text);
  return true;
}

bool decode_text(std::string_view text, TextStorage& out) {
  if (!text.starts_with('"')) return false;
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (inside.find('\\') != std::string_view::npos) return decode_string(text, out.copy());
  out.look_at(inside);
  return true;
}

bool decode_json(const RawArgument& raw, json& out) {
  return base::build_json(raw, out);
}

bool decode_bytes(const RawArgument& raw, BytesStorage& out) {
  if (raw.binary == BinaryForm::base64) {
    TextStorage text;
    Bytes bytes;
    if (!decode_text(raw.text, text) || !base::decode_base64(text.view(), bytes)) return false;
    out.keep(std::move(bytes));
    return true;
  }
  const Bytes* const attachment = base::attachment_of(raw.text, raw.attachments);
  if (attachment == nullptr) return false;
  out.look_at(attachment->span());
  return true;
}

bool decode_owned_bytes(const RawArgument& raw, Bytes& out) {
  BytesStorage storage;
  if (!decode_bytes(raw, storage)) return false;
  out = storage.take();
  return true;
}

Elements::Elements(std::string_view array) noexcept : at_(nullptr), end_(array.data() + array.size()) {
  if (!array.starts_with('[')) return;
  at_ = base::skip_space(array.data() + 1, end_);
  if (at_ == end_ || *at_ == ']') at_ = nullptr;
}

bool Elements::next(std::string_view& element) noexcept {
  if (at_ == nullptr) return false;
  const char* const begin = at_;
  at_ = base::skip_value(begin, end_, base::max_json_depth);
  if (at_ == nullptr) return false;
  element = {begin, static_cast<std::size_t>(at_ - begin)};
  at_ = base::skip_comma(at_, end_);
  return true;
}

Members::Members(std::string_view object) noexcept : at_(nullptr), end_(object.data() + object.size()) {
  if (!object.starts_with('{')) return;
  at_ = base::skip_space(object.data() + 1, end_);
  if (at_ == end_ || *at_ == '}') at_ = nullptr;
}

bool Members::next(std::string_view& key, std::string_view& value) noexcept {
  if (at_ == nullptr) return false;
  base::KeyVisitor visitor;
  const char* const begin = base::walk_key(at_, end_, visitor);
  if (begin == nullptr) return false;
  key = visitor.last;
  at_ = base::skip_value(begin, end_, base::max_json_depth);
  if (at_ == nullptr) return false;
  value = {begin, static_cast<std::size_t>(at_ - begin)};
  at_ = base::skip_comma(at_, end_);
  return true;
}

}  // namespace banter::detail

namespace banter {

json Args::to_json() const {
  json array = json::array();
  for (std::size_t i = 0; i < size(); ++i) {
    if (!detail::decode_json(argument(i), array.emplace_back())) return nullptr;
  }
  return array;
}

void to_json(json& value, const Bytes& bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  value = json::binary(std::vector<std::uint8_t>(begin, begin + bytes.size()));
}

void from_json(const json& value, Bytes& bytes) {
  if (value.is_string() && base::decode_base64(value.get_ref<const std::string&>(), bytes)) return;
  bytes = Bytes(std::as_bytes(std::span<const std::uint8_t>(value.get_binary())));  // throws if it is not
}

}  // namespace banter
