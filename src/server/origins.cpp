#include "server/origins.h"

#include <algorithm>

namespace banter::server {

bool lists_origin(const std::vector<std::string>& origins, std::string_view origin) noexcept {
  return std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& listed) { return listed == "*" || listed == origin; });
}

}  // namespace banter::server
