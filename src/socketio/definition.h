// What the application registered for a namespace: made before `listen`, immutable afterwards, common to all
// Workers. A static namespace has handlers of its own; the instances of a rule share the rule's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "banter/function.h"
#include "banter/handle.h"
#include "banter/invocation.h"
#include "banter/json.h"
#include "banter/next.h"
#include "base/string_map.h"
#include "socketio/dynamic_namespaces.h"

namespace banter::socketio {

// The id of no namespace.
inline constexpr std::uint32_t no_namespace = UINT32_MAX;

using Middleware = Function<void(const detail::SocketRef&, Next)>;
using CatchAll = Function<void(const detail::SocketRef&, std::string_view event, const Args&)>;
using EventMiddleware = Function<void(const detail::SocketRef&, std::string_view event, const Args&, Next)>;

using RoomHandler = Function<void(std::string_view)>;

struct Handlers {
  std::vector<Middleware> middlewares;
  std::vector<detail::Handler> connection;
  std::vector<detail::Handler> disconnecting;
  std::vector<detail::Handler> disconnect;
  std::vector<Function<void(const detail::SocketRef&)>> drain;
  base::StringMap<std::vector<detail::Handler>> events;
  std::vector<CatchAll> any;
  std::vector<CatchAll> any_outgoing;
  std::vector<EventMiddleware> event_middlewares;
  base::StringMap<std::vector<detail::Handler>> server_events;  // what other servers emit to this one
  std::vector<RoomHandler> room_created;
  std::vector<RoomHandler> room_deleted;
};

// One namespace. What all its Workers share besides the handlers is the sequence of acknowledgement ids, so
// that a broadcast can ask all of its sockets with one id.
struct NamespaceDefinition {
  NamespaceDefinition(std::string_view its_name, std::uint32_t its_id, Handlers& its_handlers,
                      std::uint32_t its_rule)
      : name(its_name), id(its_id), rule(its_rule), handlers(its_handlers) {}

  [[nodiscard]] bool is_dynamic() const noexcept { return id != rule; }

  const std::string name;
  const std::uint32_t id;    // what handles carry; no other namespace of the server ever has it
  const std::uint32_t rule;  // the id of the rule it is an instance of; its own if it is static
  Handlers& handlers;        // outlive it
  std::atomic<std::uint64_t> next_ack_id{0};
};

// Which names a client may bring into being by asking for them.
struct Rule {
  using Matches = Function<bool(std::string_view name, const json& auth)>;

  Rule(std::string_view shown, std::uint32_t its_id, Matches decides)
      : text(shown), id(its_id), matches(std::move(decides)) {}

  const std::string text;  // a pattern's; empty for a predicate
  const std::uint32_t id;
  Matches matches;  // the application's: any Worker's thread, may throw
  Handlers handlers;
};

// The namespaces of a server. Static ones and rules are changed by one thread before `listen` and read by all
// afterwards. Ids count up for namespaces, and down from the largest for rules.
class Registry {
 public:
  Registry() { get("/"); }

  // The static namespace of that name, made if it is new. Names begin with a slash.
  NamespaceDefinition& get(std::string_view name);
  [[nodiscard]] NamespaceDefinition* find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::unique_ptr<NamespaceDefinition>>& all() const noexcept { return all_; }

  Rule& add_rule(std::string_view text, Rule::Matches matches);
  [[nodiscard]] const std::vector<std::unique_ptr<Rule>>& rules() const noexcept { return rules_; }
  [[nodiscard]] Rule* find_rule(std::uint32_t id) const noexcept;

  // The handlers of the static namespace or rule with that id.
  [[nodiscard]] Handlers& handlers(std::uint32_t id) const noexcept;

  [[nodiscard]] DynamicNamespaces& dynamic() noexcept { return dynamic_; }

  // Called on the Worker that has brought a dynamic namespace into being, before its first client joins. May
  // throw; may be empty.
  Function<void(const detail::PortRef&, const NamespaceDefinition&)> on_new_namespace;

 private:
  std::vector<std::unique_ptr<Handlers>> static_handlers_;
  std::vector<std::unique_ptr<NamespaceDefinition>> all_;  // by id
  base::StringMap<NamespaceDefinition*> by_name_;
  std::vector<std::unique_ptr<Rule>> rules_;
  DynamicNamespaces dynamic_;
};

// The rule's matching for an ECMAScript regular expression: a name in which it is found. Throws
// std::invalid_argument that shows the pattern and says what is wrong with it.
[[nodiscard]] Rule::Matches matches_pattern(const std::string& pattern);

// Adds a handler for an event or, if the name is that of one, for a local happening. Throws std::logic_error,
// naming the event, if the handler's parameters do not fit the happening, if only a happening gives it a
// reason, or if the library keeps the name to itself.
void add_handler(Handlers& handlers, std::string_view event, detail::HandlerShape shape,
                 detail::Handler handler);

enum class LocalName { none, connection, disconnecting, disconnect };

// Which local happening that handler is for, checked as above.
[[nodiscard]] LocalName local_name(std::string_view event, detail::HandlerShape shape);

}  // namespace banter::socketio
