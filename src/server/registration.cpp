#include "server/registration.h"

#include <stdexcept>

namespace banter::detail {

void Registration::require_open(std::string_view what) const {
  if (is_open) return;
  throw std::logic_error("banter: " + std::string(what) + ": registration has ended with listen()");
}

void Registration::require_free(std::string_view path) const {
  const std::string shown = "banter: endpoint \"" + std::string(path) + "\": ";
  if (!path.starts_with('/')) throw std::invalid_argument(shown + "a path begins with a slash");
  if (path == engine_path) throw std::invalid_argument(shown + "Socket.IO is served there");
  if (websockets.contains(path) || native.contains(path))
    throw std::invalid_argument(shown + "there is one already");
}

}  // namespace banter::detail
