// One Worker's parts of all namespaces.
//
// Static ones are there from the beginning. A dynamic one gets its part when the first client of this Worker
// asks for it and, if Options say so, loses it with the last one.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "socketio/namespace.h"

namespace banter::socketio {

class NamespaceParts {
 public:
  explicit NamespaceParts(Hub& hub);
  NamespaceParts(const NamespaceParts&) = delete;
  NamespaceParts& operator=(const NamespaceParts&) = delete;
  ~NamespaceParts();

  // By id; null if there is none.
  [[nodiscard]] Namespace* find(std::uint32_t id) const noexcept;

  // By name; null if this Worker has none. Makes none.
  [[nodiscard]] Namespace* find(std::string_view name) const noexcept;

  // Calls `visit` for the part with that id or, if it is a rule's, for those of its instances. Visiting may
  // do anything: a part that is forgotten meanwhile has no sockets, and is there until the end of the turn.
  template <class Visit>
  void for_each(std::uint32_t id, Visit visit) const {
    if (Namespace* part = find(id)) return visit(*part);
    for (Namespace* part : instances_of(id))
      visit(*part);
  }

  // The part of the namespace that a client asks for, made by the first rule that matches if there is no such
  // namespace yet. Null if none does, or if there are too many. Calls user code. `auth` is JSON or empty.
  Namespace* enter(std::string_view name, std::string_view auth);

  // Forgets the part of a dynamic namespace that no socket is in, if that is asked for.
  void forget_if_empty(Namespace& part);

 private:
  [[nodiscard]] std::vector<Namespace*> instances_of(std::uint32_t rule) const;
  [[nodiscard]] Rule* matching_rule(std::string_view name, std::string_view auth) const;
  Namespace& add(DynamicNamespaces::Reference definition);
  void announce(const Namespace& part) const;
  void refuse_one_more(std::string_view name);

  Hub& hub_;
  std::vector<std::unique_ptr<Namespace>> static_;  // by id
  std::unordered_map<std::uint32_t, std::unique_ptr<Namespace>> dynamic_;
  std::unordered_map<std::string_view, Namespace*> dynamic_by_name_;  // the keys lie in the definitions
  bool is_limit_reported_ = false;
};

}  // namespace banter::socketio
