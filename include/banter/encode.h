// From values to JSON text with attachments beside it.
//
// Strings are escaped exactly as JSON.stringify does it; bad UTF-8 becomes U+FFFD. NaN and the infinities
// become null, as in JavaScript. A binary value is written as {"_placeholder":true,"num":k} and its bytes are
// appended to the attachments: depth first, in the order of arrays and keys; a value met twice is two
// attachments.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "banter/args.h"
#include "banter/bytes.h"
#include "banter/decode.h"
#include "banter/export.h"
#include "banter/json.h"

namespace banter {

// Appends JSON to a text.
//
// Owner: the text is the caller's and outlives the encoder; the attachments are the encoder's until taken.
class BANTER_API Encoder {
 public:
  explicit Encoder(std::string& text) noexcept : text_(text) {}
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  [[nodiscard]] std::string& text() noexcept { return text_; }
  [[nodiscard]] const std::vector<Bytes>& attachments() const noexcept { return attachments_; }
  [[nodiscard]] std::vector<Bytes> take_attachments() noexcept { return std::exchange(attachments_, {}); }

  // Where in the text the placeholder of each attachment begins.
  [[nodiscard]] const std::vector<std::size_t>& placeholders() const noexcept { return placeholders_; }

  void write_null();
  void write_bool(bool value);
  void write_integer(std::int64_t value);
  void write_integer(std::uint64_t value);
  void write_double(double value);
  void write_string(std::string_view value);
  void write_json(const json& value);
  void write_bytes(Bytes value);

  // The arguments as they came, separated by commas: key order and number spelling are kept, placeholders
  // numbered anew, attachments copied. From a plain JSON link there are no attachments: bytes stay base64
  // strings.
  void write_args(const Args& args);

  // A comma, unless the text ends in an opening bracket.
  void separate();

 private:
  void write_argument(const detail::RawArgument& raw);

  std::string& text_;
  std::vector<Bytes> attachments_;
  std::vector<std::size_t> placeholders_;
};

namespace detail {

// json is convertible to nearly everything, so it is told apart first.
template <class T>
concept StringLike = !std::same_as<T, json> && std::convertible_to<const T&, std::string_view>;

template <class T>
constexpr bool is_encodable() {
  if constexpr (std::same_as<T, json> || std::same_as<T, Args> || std::same_as<T, std::nullptr_t>)
    return true;
  else if constexpr (Character<T>)
    return false;  // a text or a number?
  else if constexpr (std::is_arithmetic_v<T> || StringLike<T> || Binary<T>)
    return true;
  else if constexpr (OptionalLike<T>)
    return is_encodable<typename Shape<T>::Optional>();
  else if constexpr (ArrayLike<T>)
    return is_encodable<typename Shape<T>::Element>();
  else if constexpr (MapLike<T>)
    return is_encodable<typename Shape<T>::Mapped>();
  else
    return std::constructible_from<json, const T&>;
}

}  // namespace detail

// What `emit` and `Ack` take.
template <class T>
concept Encodable = detail::is_encodable<std::remove_cvref_t<T>>();

// Writes one value. What a type's own to_json throws passes through; the text then ends in a part of the
// value.
template <class T>
void encode(Encoder& out, T&& value);

namespace detail {

template <class T>
void encode_array(Encoder& out, const T& items) {
  out.text() += '[';
  for (const auto& item : items) {
    out.separate();
    encode(out, item);
  }
  out.text() += ']';
}

template <class T>
void encode_map(Encoder& out, const T& members) {
  char before = '{';
  for (const auto& [key, value] : members) {
    out.text() += std::exchange(before, ',');
    out.write_string(key);
    out.text() += ':';
    encode(out, value);
  }
  out.text() += before == '{' ? "{}" : "}";
}

template <class T>
void encode_number(Encoder& out, T value) {
  if constexpr (std::same_as<T, bool>) {
    out.write_bool(value);
  } else if constexpr (std::floating_point<T>) {
    out.write_double(static_cast<double>(value));
  } else {
    out.write_integer(
        static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
  }
}

}  // namespace detail

template <class T>
void encode(Encoder& out, T&& value) {
  using Value = std::remove_cvref_t<T>;
  static_assert(Encodable<Value>,
                "banter: this type cannot be sent: give it a to_json, or pass banter::json");
  if constexpr (std::same_as<Value, json>) {
    out.write_json(value);
  } else if constexpr (std::same_as<Value, Args>) {
    out.write_args(value);
  } else if constexpr (std::same_as<Value, std::nullptr_t>) {
    out.write_null();
  } else if constexpr (std::is_arithmetic_v<Value>) {
    detail::encode_number(out, value);
  } else if constexpr (detail::StringLike<Value>) {
    out.write_string(value);
  } else if constexpr (std::same_as<Value, Bytes>) {
    out.write_bytes(std::forward<T>(value));
  } else if constexpr (detail::Binary<Value>) {
    out.write_bytes(Bytes(std::forward<T>(value)));
  } else if constexpr (detail::OptionalLike<Value>) {
    if (value)
      encode(out, *value);
    else
      out.write_null();
  } else if constexpr (detail::ArrayLike<Value>) {
    detail::encode_array(out, value);
  } else if constexpr (detail::MapLike<Value>) {
    detail::encode_map(out, value);
  } else {
    out.write_json(json(std::forward<T>(value)));
  }
}

namespace detail {

template <class T>
void encode_argument(Encoder& out, T&& value) {
  if constexpr (std::same_as<std::remove_cvref_t<T>, Args>) {
    if (value.empty()) return;
  }
  out.separate();
  encode(out, std::forward<T>(value));
}

}  // namespace detail

// Writes arguments into an array whose opening bracket, and perhaps event name, the text already ends in. An
// Args among them stands for all its arguments, none included.
template <class... T>
void encode_arguments([[maybe_unused]] Encoder& out, T&&... values) {
  (detail::encode_argument(out, std::forward<T>(values)), ...);
}

}  // namespace banter
