// The namespaces that clients have brought into being: their names and ids, for all Workers.
//
// A Worker asks here when a name is new to it, and says when it has forgotten its part; between that it looks
// at nothing but its own parts, so the lock is not on the way of events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/string_map.h"

namespace banter::socketio {

struct NamespaceDefinition;
struct Rule;

// Any thread.
class DynamicNamespaces {
 public:
  using Reference = std::shared_ptr<NamespaceDefinition>;  // of the Workers that have a part of it

  // One more Worker has a part of the namespace with that name. Null if there is none.
  [[nodiscard]] Reference enter(std::string_view name);

  // The same, made as an instance of `rule` if there is none; ids begin behind `static_namespaces`. A null
  // definition if `most` exist already, or if there are no more ids: 2^32 have been made.
  struct Entered {
    Reference definition;
    bool is_new = false;
  };
  [[nodiscard]] Entered enter_or_make(std::string_view name, Rule& rule, std::size_t static_namespaces,
                                      std::size_t most);

  // A Worker has forgotten its part. Without any the name is forgotten too; its id is not given again.
  void leave(const NamespaceDefinition& definition);

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    Reference definition;
    std::size_t workers = 0;
  };

  mutable std::mutex mutex_;  // guards the rest
  base::StringMap<Entry> by_name_;
  std::uint32_t made_ = 0;
};

}  // namespace banter::socketio
