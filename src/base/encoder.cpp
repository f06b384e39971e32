// Values into JSON text: the exported half of encode.h.
#include <array>
#include <charconv>
#include <cmath>

#include "banter/encode.h"
#include "base/json_string.h"
#include "base/placeholders.h"

namespace banter {
namespace {

template <class T>
void append_number(std::string& text, T value, auto... format) {
  std::array<char, 48>
      digits;  // a double in fixed form below 1e21 needs 1 + 21, one above 1e-6 needs 1 + 2 + 6 + 17
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value, format...);
  text.append(digits.data(), end);
}

}  // namespace

void Encoder::write_null() {
  text_ += "null";
}
void Encoder::write_bool(bool value) {
  text_ += value ? "true" : "false";
}
void Encoder::write_integer(std::int64_t value) {
  append_number(text_, value);
}
void Encoder::write_integer(std::uint64_t value) {
  append_number(text_, value);
}

// As JavaScript spells numbers (ECMA-262, Number::toString), but for the digits of an exponent below ten.
void Encoder::write_double(double value) {
  const double magnitude = std::abs(value);
  if (!std::isfinite(value)) {
    write_null();
  } else if (value == 0) {
    text_ += '0';  // -0 too
  } else if (magnitude >= 1e-6 && magnitude < 1e21) {
    append_number(text_, value, std::chars_format::fixed);
  } else {
    append_number(text_, value, std::chars_format::scientific);
  }
}

void Encoder::write_string(std::string_view value) {
  base::append_quoted(text_, value);
}

// As deep as the value is: what clients sent is bounded by the splitter, what the application built is its
// own.
void Encoder::write_json(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
    case json::value_t::discarded: return write_null();
    case json::value_t::boolean: return write_bool(value.get_ref<const json::boolean_t&>());
    case json::value_t::number_integer: return write_integer(value.get_ref<const json::number_integer_t&>());
    case json::value_t::number_unsigned:
      return write_integer(value.get_ref<const json::number_unsigned_t&>());
    case json::value_t::number_float: return write_double(value.get_ref<const json::number_float_t&>());
    case json::value_t::string: return write_string(value.get_ref<const json::string_t&>());
    case json::value_t::array: return detail::encode_array(*this, value.get_ref<const json::array_t&>());
    case json::value_t::object: return detail::encode_map(*this, value.get_ref<const json::object_t&>());
    case json::value_t::binary: return write_bytes(Bytes(std::as_bytes(std::span(value.get_binary()))));
  }
}

void Encoder::write_bytes(Bytes value) {
  placeholders_.push_back(text_.size());
  text_ += "{\"_placeholder\":true,\"num\":";
  append_number(text_, attachments_.size());
  text_ += '}';
  attachments_.push_back(std::move(value));
}

void Encoder::write_args(const Args& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i > 0) text_ += ',';
    write_argument(args.argument(i));
  }
}

void Encoder::write_argument(const detail::RawArgument& raw) {
  std::vector<base::Placeholder> found;
  if (!raw.attachments.empty() && !base::find_placeholders(raw.text, raw.attachments.size(), found)) {
    return write_null();  // one without its attachment: no packet that was checked has it
  }
  std::size_t copied = 0;
  for (const base::Placeholder& placeholder : found) {
    text_ += raw.text.substr(copied, placeholder.begin - copied);
    write_bytes(raw.attachments[placeholder.number]);
    copied = placeholder.end;
  }
  text_ += raw.text.substr(copied);
}

void Encoder::separate() {
  if (!text_.ends_with('[')) text_ += ',';
}

}  // namespace banter
