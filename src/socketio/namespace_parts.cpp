#include "socketio/namespace_parts.h"

#include <utility>

#include "banter/decode.h"
#include "socketio/hub.h"

namespace banter::socketio {

NamespaceParts::NamespaceParts(Hub& hub) : hub_(hub) {
  for (const auto& definition : hub.registry().all())
    static_.push_back(std::make_unique<Namespace>(hub, *definition));
}

NamespaceParts::~NamespaceParts() = default;

Namespace* NamespaceParts::find(std::uint32_t id) const noexcept {
  if (id < static_.size()) return static_[id].get();
  const auto found = dynamic_.find(id);
  return found == dynamic_.end() ? nullptr : found->second.get();
}

Namespace* NamespaceParts::find(std::string_view name) const noexcept {
  if (const NamespaceDefinition* known = hub_.registry().find(name)) return static_[known->id].get();
  const auto here = dynamic_by_name_.find(name);
  return here == dynamic_by_name_.end() ? nullptr : here->second;
}

std::vector<Namespace*> NamespaceParts::instances_of(std::uint32_t rule) const {
  std::vector<Namespace*> instances;
  if (!hub_.registry().find_rule(rule)) return instances;
  for (const auto& [id, part] : dynamic_) {
    if (part->definition().rule == rule) instances.push_back(part.get());
  }
  return instances;
}

Namespace* NamespaceParts::enter(std::string_view name, std::string_view auth) {
  Registry& registry = hub_.registry();
  if (Namespace* here = find(name)) return here;
  if (registry.rules().empty()) return nullptr;
  if (auto elsewhere = registry.dynamic().enter(name)) return &add(std::move(elsewhere));
  Rule* rule = matching_rule(name, auth);
  if (!rule) return nullptr;
  const auto entered = registry.dynamic().enter_or_make(name, *rule, registry.all().size(),
                                                        hub_.settings().max_dynamic_namespaces);
  if (!entered.definition) {
    refuse_one_more(name);
    return nullptr;
  }
  Namespace& part = add(entered.definition);
  if (entered.is_new) announce(part);
  return &part;
}

// A rule that throws lets nobody in, and the later ones are not asked: it might have been the one.
Rule* NamespaceParts::matching_rule(std::string_view name, std::string_view auth) const {
  json object = json::object();
  if (!auth.empty()) static_cast<void>(detail::decode_json({auth}, object));
  Problem context;
  context.where = Problem::Where::middleware;
  context.nsp = name;
  for (const auto& rule : hub_.registry().rules()) {
    bool does_match = false;
    if (!call_user(hub_.problems(), context, [&] { does_match = rule->matches(name, object); }))
      return nullptr;
    if (does_match) return rule.get();
  }
  return nullptr;
}

Namespace& NamespaceParts::add(DynamicNamespaces::Reference definition) {
  const std::uint32_t id = definition->id;
  auto part = std::make_unique<Namespace>(hub_, std::move(definition));
  Namespace& added = *part;
  dynamic_.emplace(id, std::move(part));
  dynamic_by_name_.emplace(added.name(), &added);
  return added;
}

void NamespaceParts::announce(const Namespace& part) const {
  auto& on_new_namespace = hub_.registry().on_new_namespace;
  if (!on_new_namespace) return;
  Problem context;
  context.where = Problem::Where::task;
  context.nsp = part.name();
  context.event = "new_namespace";
  call_user(hub_.problems(), context,
            [&] { on_new_namespace(detail::PortRef(hub_.loop().port()), part.definition()); });
}

void NamespaceParts::refuse_one_more(std::string_view name) {
  hub_.counters().refused_namespaces.add();
  if (std::exchange(is_limit_reported_, true)) return;
  Problem problem;
  problem.where = Problem::Where::limit;
  problem.nsp = name;
  problem.text = "not made: there are max_dynamic_namespaces already (this is reported once)";
  hub_.problems().report(problem);
}

void NamespaceParts::forget_if_empty(Namespace& part) {
  if (!hub_.settings().cleanup_empty_namespaces || !part.definition().is_dynamic() || part.is_used()) return;
  auto node = dynamic_.extract(part.definition().id);
  if (!node) return;
  dynamic_by_name_.erase(part.name());
  hub_.registry().dynamic().leave(part.definition());
  hub_.loop().retire(std::move(node.mapped()));  // sockets that have just left refer to it for this turn
}

}  // namespace banter::socketio
