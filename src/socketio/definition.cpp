#include "socketio/definition.h"

#include <stdexcept>

#include "socketio/packet.h"

namespace banter::socketio {

namespace {

std::string in_quotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

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
  if (is_connection && (shape.takes_reason || shape.takes_arguments)) refuse(event, "the handler takes only the Socket");
  if (is_leaving && shape.takes_arguments) refuse(event, "the handler takes the Socket and a DisconnectReason");
  if (is_connection) return LocalName::connection;
  if (is_leaving) return event == "disconnect" ? LocalName::disconnect : LocalName::disconnecting;
  if (shape.takes_reason) refuse(event, "only " + in_quotes(nearest(event)) + " gives a DisconnectReason; a typo?");
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
  all_.push_back(std::make_unique<NamespaceDefinition>(full, static_cast<std::uint32_t>(all_.size())));
  by_name_.emplace(full, all_.back().get());
  return *all_.back();
}

NamespaceDefinition* Registry::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

void add_handler(NamespaceDefinition& definition, std::string_view event, detail::HandlerShape shape,
                 detail::Handler handler) {
  switch (local_name(event, shape)) {
    case LocalName::connection: definition.connection.push_back(std::move(handler)); return;
    case LocalName::disconnecting: definition.disconnecting.push_back(std::move(handler)); return;
    case LocalName::disconnect: definition.disconnect.push_back(std::move(handler)); return;
    case LocalName::none: break;
  }
  definition.events[std::string(event)].push_back(std::move(handler));
}

}  // namespace banter::socketio
