#include "socketio/definition.h"

#include <stdexcept>

#include "socketio/packet.h"

namespace banter::socketio {

namespace {

constexpr std::uint32_t last_id = no_namespace - 1;

std::string in_quotes(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

// The local name that somebody who wants a reason probably meant.
std::string_view nearest(std::string_view event) {
  return event.find("ing") != std::string_view::npos ? "disconnecting" : "disconnect";
}

[[noreturn]] void refuse(std::string_view event, const std::string& why) {
  throw std::logic_error("banter: on(" + in_quotes(event) + "): " + why);
}

}  // namespace

LocalName local_name(std::string_view event, detail::HandlerShape shape) {
  const bool is_connection = event == "connection" || event == "connect";
  const bool is_leaving = event == "disconnecting" || event == "disconnect";
  if (event == "connect") refuse(event, "the server's event is called \"connection\"");
  if (is_connection && (shape.takes_reason || shape.takes_arguments))
    refuse(event, "the handler takes only the Socket");
  if (is_leaving && shape.takes_arguments)
    refuse(event, "the handler takes the Socket and a DisconnectReason");
  if (is_connection) return LocalName::connection;
  if (is_leaving) return event == "disconnect" ? LocalName::disconnect : LocalName::disconnecting;
  if (shape.takes_reason)
    refuse(event, "only " + in_quotes(nearest(event)) + " gives a DisconnectReason; a typo?");
  if (is_reserved_event(event)) refuse(event, "no packet with that name is ever delivered");
  return LocalName::none;
}

NamespaceDefinition& Registry::get(std::string_view name) {
  std::string full(name);
  if (!full.starts_with('/')) full.insert(0, "/");
  if (NamespaceDefinition* known = find(full)) return *known;
  if (full.find(',') != std::string::npos || full.size() > max_namespace_length) {
    throw std::invalid_argument("banter: namespace " + in_quotes(full) +
                                ": a name has no comma and at most 1024 bytes");
  }
  static_handlers_.push_back(std::make_unique<Handlers>());
  const auto id = static_cast<std::uint32_t>(all_.size());
  all_.push_back(std::make_unique<NamespaceDefinition>(full, id, *static_handlers_.back(), id));
  by_name_.emplace(full, all_.back().get());
  return *all_.back();
}

NamespaceDefinition* Registry::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Rule& Registry::add_rule(std::string_view text, Rule::Matches matches) {
  const auto id = last_id - static_cast<std::uint32_t>(rules_.size());
  return *rules_.emplace_back(std::make_unique<Rule>(text, id, std::move(matches)));
}

Rule* Registry::find_rule(std::uint32_t id) const noexcept {
  const std::uint32_t place = last_id - id;
  return place < rules_.size() ? rules_[place].get() : nullptr;
}

Handlers& Registry::handlers(std::uint32_t id) const noexcept {
  Rule* rule = find_rule(id);
  return rule ? rule->handlers : all_[id]->handlers;
}

void add_handler(Handlers& handlers, std::string_view event, detail::HandlerShape shape,
                 detail::Handler handler) {
  switch (local_name(event, shape)) {
    case LocalName::connection: handlers.connection.push_back(std::move(handler)); return;
    case LocalName::disconnecting: handlers.disconnecting.push_back(std::move(handler)); return;
    case LocalName::disconnect: handlers.disconnect.push_back(std::move(handler)); return;
    case LocalName::none: break;
  }
  handlers.events[std::string(event)].push_back(std::move(handler));
}

}  // namespace banter::socketio
