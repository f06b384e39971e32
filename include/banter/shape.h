// Which of the application's types stand for which kind of JSON.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "banter/bytes.h"

namespace banter::detail {

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Integer = std::integral<T> && !Character<T> && !std::same_as<T, bool>;

template <class T>
concept Binary =
    std::same_as<T, Bytes> || std::same_as<T, BytesView> || std::same_as<T, std::vector<std::byte>>;

// What an optional, an array or an object of JSON is on our side, by shape.
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

}  // namespace banter::detail
