#include "socketio/dynamic_namespaces.h"

#include <string>

#include "socketio/definition.h"

namespace banter::socketio {

DynamicNamespaces::Reference DynamicNamespaces::enter(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  ++found->second.workers;
  return found->second.definition;
}

DynamicNamespaces::Entered DynamicNamespaces::enter_or_make(std::string_view name, Rule& rule,
                                                            std::size_t static_namespaces, std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    ++found->second.workers;
    return {found->second.definition, false};
  }
  const std::uint64_t id = std::uint64_t{static_namespaces} + made_;
  constexpr std::uint64_t kept_for_rules = 1'000'000;
  if (by_name_.size() >= most || id >= UINT32_MAX - kept_for_rules) return {};
  ++made_;
  auto definition =
      std::make_shared<NamespaceDefinition>(name, static_cast<std::uint32_t>(id), rule.handlers, rule.id);
  by_name_.emplace(std::string(name), Entry{definition, 1});
  return {std::move(definition), true};
}

void DynamicNamespaces::leave(const NamespaceDefinition& definition) {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(definition.name);
  if (found != by_name_.end() && --found->second.workers == 0) by_name_.erase(found);
}

std::optional<std::uint32_t> DynamicNamespaces::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second.definition->id;
}

std::size_t DynamicNamespaces::size() const {
  const std::lock_guard lock(mutex_);
  return by_name_.size();
}

}  // namespace banter::socketio
