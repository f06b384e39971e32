// Names of rooms, one or several.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace banter {

// What `to`, `join` and the like take: "lobby", {"lobby", "hall"}, or a std::vector of names.
class Rooms {
 public:
  template <class T>
  requires std::is_convertible_v<const T&, std::string_view> Rooms(const T& room)
      : names_(1, std::string(std::string_view(room))) {}
  Rooms(std::vector<std::string> rooms) noexcept : names_(std::move(rooms)) {}
  Rooms(std::initializer_list<std::string_view> rooms) : names_(rooms.begin(), rooms.end()) {}

  [[nodiscard]] std::vector<std::string>& names() noexcept { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace banter
