// The header fields of one message, in the order they came. A value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banter::http {

struct Header {
  std::string name;  // as it was written; compared without case
  std::string value;
  bool operator==(const Header&) const = default;
};

class Headers {
 public:
  void add(std::string name, std::string value) { list_.push_back({std::move(name), std::move(value)}); }

  // Takes out all fields of that name.
  void remove(std::string_view name);

  // The value of the first field of that name; empty where there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
  [[nodiscard]] bool has(std::string_view name) const noexcept { return count(name) != 0; }

  // True if an element of the comma separated lists under `name` is `element`, compared without case.
  [[nodiscard]] bool lists(std::string_view name, std::string_view element) const noexcept;

  [[nodiscard]] auto begin() const noexcept { return list_.begin(); }
  [[nodiscard]] auto end() const noexcept { return list_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<Header> list_;
};

}  // namespace banter::http
