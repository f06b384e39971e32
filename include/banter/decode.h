// From a raw argument to the type of a handler's parameter.
//
// The parameters of a handler are its schema: kind and range are checked, nothing is converted that JSON
// tells apart (no bool into an int, no string into a number). Scalars, strings, vectors, arrays, maps with
// string keys and optionals are read straight from the text; a type with a `from_json` goes through `json`.
#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "banter/raw_argument.h"

namespace banter::detail {

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Integer = std::integral<T> && !Character<T> && !std::same_as<T, bool>;

template <class T>
concept Binary =
    std::same_as<T, Bytes> || std::same_as<T, BytesView> || std::same_as<T, std::vector<std::byte>>;

// A type with a from_json of its own.
template <class T>
concept HasOwnFromJson = requires(const json& value, T& out) {
  from_json(value, out);
};

// A type of the application that nlohmann's library can fill. An enum only if its author has said how (for
// instance with NLOHMANN_JSON_SERIALIZE_ENUM): the library would make it of any number, in range or not.
template <class T>
concept FromJson = std::default_initializable<T> &&
    (!std::is_enum_v<T> || HasOwnFromJson<T>)&&requires(const json& value, T& out) {
  value.get_to(out);
};

// What an array or object of JSON is decoded into, by shape.
template <class T>
struct Shape;  // not a container
template <class T>
struct Shape<std::optional<T>> {
  using Optional = T;
};
template <class T>
struct Shape<std::vector<T>> {
  using Element = T;
};
template <class T, std::size_t N>
struct Shape<std::array<T, N>> {
  using Element = T;
  static constexpr std::size_t length = N;
};
template <class T, class... Rest>
struct Shape<std::map<std::string, T, Rest...>> {
  using Mapped = T;
};
template <class T, class... Rest>
struct Shape<std::unordered_map<std::string, T, Rest...>> {
  using Mapped = T;
};

template <class T>
concept OptionalLike = requires {
  typename Shape<T>::Optional;
};
template <class T>
concept ArrayLike = requires {
  typename Shape<T>::Element;
};
template <class T>
concept FixedArray = ArrayLike<T> && requires {
  Shape<T>::length;
};
template <class T>
concept MapLike = requires {
  typename Shape<T>::Mapped;
};

template <class T>
constexpr bool is_decodable_value() {
  if constexpr (std::same_as<T, bool> || Integer<T> || std::floating_point<T>)
    return true;
  else if constexpr (std::same_as<T, std::string> || std::same_as<T, json>)
    return true;
  else if constexpr (std::same_as<T, Bytes> || std::same_as<T, std::vector<std::byte>>)
    return true;
  else if constexpr (OptionalLike<T>)
    return is_decodable_value<typename Shape<T>::Optional>();
  else if constexpr (ArrayLike<T>)
    return is_decodable_value<typename Shape<T>::Element>();
  else if constexpr (MapLike<T>)
    return is_decodable_value<typename Shape<T>::Mapped>();
  else if constexpr (Character<T> || Binary<T> || std::same_as<T, std::string_view>)
    return false;
  else
    return FromJson<T>;
}

// A value that can be kept beyond the handler.
template <class T>
concept DecodableValue = is_decodable_value<T>();

// The type of a handler's parameter, without const and reference. The two views are valid until it returns.
template <class T>
concept Decodable = DecodableValue<T> || std::same_as<T, std::string_view> || std::same_as<T, BytesView>;

// What holds the decoded value of a parameter of type T while the handler runs.
template <class T>
struct DecodeStorage {
  using type = T;
};
template <>
struct DecodeStorage<std::string_view> {
  using type = TextStorage;
};
template <>
struct DecodeStorage<BytesView> {
  using type = BytesStorage;
};
template <class T>
using decode_storage_t = typename DecodeStorage<T>::type;

// What a storage hands to the handler.
template <class T>
[[nodiscard]] T&& as_parameter(T& value) noexcept {
  return std::move(value);
}
[[nodiscard]] inline std::string_view as_parameter(TextStorage& text) noexcept {
  return text.view();
}
[[nodiscard]] inline BytesView as_parameter(BytesStorage& bytes) noexcept {
  return bytes.view();
}

// Decodes `raw` into `out`, a decode_storage_t. False if it does not fit; `out` is then unspecified. Throws
// nothing but std::bad_alloc: what a `from_json` throws means that the argument does not fit.
template <class T>
[[nodiscard]] bool decode(const RawArgument& raw, T& out);

template <Integer T>
[[nodiscard]] bool decode_number(std::string_view text, T& out) noexcept {
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  Wide wide = 0;
  if (!decode_integer(text, wide)) return false;
  if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) return false;
  out = static_cast<T>(wide);
  return true;
}

template <std::floating_point T>
[[nodiscard]] bool decode_number(std::string_view text, T& out) noexcept {
  double wide = 0;
  if (!decode_double(text, wide)) return false;
  constexpr double limit = static_cast<double>(std::numeric_limits<T>::max());
  if (std::same_as<T, float> && (wide > limit || wide < -limit)) {  // the cast would be undefined
    out = wide > 0 ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
  } else {
    out = static_cast<T>(wide);
  }
  return true;
}

template <class T>
[[nodiscard]] bool decode_optional(const RawArgument& raw, T& out) {
  if (raw.text.empty() || is_null(raw.text)) {
    out.reset();
    return true;
  }
  return decode(raw, out.emplace());
}

template <class T>
[[nodiscard]] bool decode_vector(const RawArgument& raw, std::vector<T>& out) {
  if (!raw.text.starts_with('[')) return false;
  out.clear();
  Elements elements(raw.text);
  for (std::string_view element; elements.next(element);) {
    T value{};  // not emplace_back(): there are no references into a vector<bool>
    if (!decode(raw.with_text(element), value)) return false;
    out.push_back(std::move(value));
  }
  return true;
}

// As many elements as the array is long, no more and no fewer.
template <FixedArray T>
[[nodiscard]] bool decode_array(const RawArgument& raw, T& out) {
  if (!raw.text.starts_with('[')) return false;
  Elements elements(raw.text);
  std::string_view element;
  for (auto& value : out) {
    if (!elements.next(element) || !decode(raw.with_text(element), value)) return false;
  }
  return !elements.next(element);
}

template <MapLike T>
[[nodiscard]] bool decode_map(const RawArgument& raw, T& out) {
  if (!raw.text.starts_with('{')) return false;
  out.clear();
  Members members(raw.text);
  std::string key;
  for (std::string_view raw_key, text; members.next(raw_key, text);) {
    typename Shape<T>::Mapped value{};
    if (!decode_string(raw_key, key) || !decode(raw.with_text(text), value)) return false;
    out.insert_or_assign(key, std::move(value));
  }
  return true;
}

template <FromJson T>
[[nodiscard]] bool decode_user_type(const RawArgument& raw, T& out) {
  json value;
  if (!decode_json(raw, value)) return false;
  try {
    value.get_to(out);
    return true;
  } catch (...) {  // the application's from_json; whatever it throws, the argument does not fit
    return false;
  }
}

[[nodiscard]] BANTER_API bool decode_owned_bytes(const RawArgument& raw, Bytes& out);

template <class T>
bool decode(const RawArgument& raw, T& out) {
  if constexpr (std::same_as<T, bool>) {
    return decode_bool(raw.text, out);
  } else if constexpr (Integer<T> || std::floating_point<T>) {
    return decode_number(raw.text, out);
  } else if constexpr (std::same_as<T, std::string>) {
    return decode_string(raw.text, out);
  } else if constexpr (std::same_as<T, TextStorage>) {
    return decode_text(raw.text, out);
  } else if constexpr (std::same_as<T, json>) {
    return decode_json(raw, out);
  } else if constexpr (std::same_as<T, BytesStorage>) {
    return decode_bytes(raw, out);
  } else if constexpr (std::same_as<T, Bytes>) {
    return decode_owned_bytes(raw, out);
  } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
    Bytes bytes;
    const bool fits = decode_owned_bytes(raw, bytes);
    out = bytes.take();
    return fits;
  } else if constexpr (OptionalLike<T>) {
    return decode_optional(raw, out);
  } else if constexpr (FixedArray<T>) {
    return decode_array(raw, out);
  } else if constexpr (ArrayLike<T>) {
    return decode_vector(raw, out);
  } else if constexpr (MapLike<T>) {
    return decode_map(raw, out);
  } else {
    static_assert(FromJson<T>,
                  "banter: this type cannot be decoded: give it a from_json, or take banter::json");
    return decode_user_type(raw, out);
  }
}

// What a parameter of type T wants, for people: "integer (32 bits)", "array of string".
template <class T>
[[nodiscard]] std::string type_name() {
  if constexpr (std::same_as<T, bool>) {
    return "boolean";
  } else if constexpr (Integer<T>) {
    const std::string bits = " (" + std::to_string(8 * sizeof(T)) + " bits)";
    return (std::is_signed_v<T> ? "integer" : "unsigned integer") + bits;
  } else if constexpr (std::floating_point<T>) {
    return "number";
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    return "string";
  } else if constexpr (std::same_as<T, json>) {
    return "any value";
  } else if constexpr (Binary<T>) {
    return "binary";
  } else if constexpr (OptionalLike<T>) {
    return "optional " + type_name<typename Shape<T>::Optional>();
  } else if constexpr (FixedArray<T>) {
    return "array of " + std::to_string(Shape<T>::length) + " " + type_name<typename Shape<T>::Element>();
  } else if constexpr (ArrayLike<T>) {
    return "array of " + type_name<typename Shape<T>::Element>();
  } else if constexpr (MapLike<T>) {
    return "object of " + type_name<typename Shape<T>::Mapped>();
  } else {
    return "value of a user type";
  }
}

}  // namespace banter::detail
