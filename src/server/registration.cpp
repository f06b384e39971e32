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
  if (websockets.contains(path) || native.contains(path) || engines.contains(path))
    throw std::invalid_argument(shown + "there is one already");
}

std::shared_ptr<Registration> open_registration(const std::weak_ptr<Registration>& registration,
                                                std::string_view what) {
  auto open = registration.lock();
  if (!open) throw std::logic_error("banter: " + std::string(what) + ": the server is gone");
  open->require_open(what);
  return open;
}

}  // namespace banter::detail
