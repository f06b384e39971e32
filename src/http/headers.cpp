#include "http/headers.h"

#include "http/text.h"

namespace banter::http {

void Headers::remove(std::string_view name) {
  std::erase_if(list_, [name](const Header& header) { return equals_ignoring_case(header.name, name); });
}

std::string_view Headers::get(std::string_view name) const noexcept {
  for (const Header& header : list_) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& header : list_) {
    if (equals_ignoring_case(header.name, name)) values.push_back(header.value);
  }
  return values;
}

std::size_t Headers::count(std::string_view name) const noexcept {
  std::size_t found = 0;
  for (const Header& header : list_)
    found += equals_ignoring_case(header.name, name) ? 1 : 0;
  return found;
}

bool Headers::lists(std::string_view name, std::string_view element) const noexcept {
  for (const Header& header : list_) {
    if (!equals_ignoring_case(header.name, name)) continue;
    std::string_view list = header.value;
    while (const auto next = next_element(list)) {
      if (equals_ignoring_case(*next, element)) return true;
    }
  }
  return false;
}

}  // namespace banter::http
