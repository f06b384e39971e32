// What the application registered for a namespace: made before `listen`, immutable afterwards, common to all
// Workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "banter/function.h"
#include "banter/invocation.h"
#include "banter/next.h"
#include "base/string_map.h"

namespace banter::socketio {

using Middleware = Function<void(const detail::SocketRef&, Next)>;

struct NamespaceDefinition {
  NamespaceDefinition(std::string_view its_name, std::uint32_t its_index)
      : name(its_name), index(its_index) {}

  std::string name;
  std::uint32_t index;  // in Registry, and in every Worker's table
  std::vector<Middleware> middlewares;
  std::vector<detail::Handler> connection;
  std::vector<detail::Handler> disconnecting;
  std::vector<detail::Handler> disconnect;
  std::vector<Function<void(const detail::SocketRef&)>> drain;
  base::StringMap<std::vector<detail::Handler>> events;

  // One sequence for all sockets and Workers, so that a broadcast could ask all of them with one id.
  std::atomic<std::uint64_t> next_ack_id{0};
};

// The namespaces of a server. Changed by one thread before `listen`, read by all afterwards.
class Registry {
 public:
  Registry() { get("/"); }

  // The namespace of that name, made if it is new. Names begin with a slash.
  NamespaceDefinition& get(std::string_view name);
  [[nodiscard]] NamespaceDefinition* find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::unique_ptr<NamespaceDefinition>>& all() const noexcept { return all_; }

 private:
  std::vector<std::unique_ptr<NamespaceDefinition>> all_;
  base::StringMap<NamespaceDefinition*> by_name_;
};

// Adds a handler for an event or, if the name is that of one, for a local happening. Throws std::logic_error,
// naming the event, if the handler's parameters do not fit the happening, if only a happening gives it a
// reason, or if the library keeps the name to itself.
void add_handler(NamespaceDefinition& definition, std::string_view event, detail::HandlerShape shape,
                 detail::Handler handler);

enum class LocalName { none, connection, disconnecting, disconnect };

// Which local happening that handler is for, checked as above.
[[nodiscard]] LocalName local_name(std::string_view event, detail::HandlerShape shape);

}  // namespace banter::socketio
