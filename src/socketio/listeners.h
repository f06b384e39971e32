// Functions that are added and removed while they are called.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "banter/handler_id.h"

namespace banter::socketio {

enum class Place : std::uint8_t { front, back };

template <class F>
class Listeners {
 public:
  struct Entry {
    HandlerId id;
    std::string event;  // empty for those that hear of every one
    F function;
    bool is_once = false;
    bool is_removed = false;
  };
  // A running call holds it too, so a function may remove itself.
  using EntryPtr = std::shared_ptr<Entry>;

  void add(Entry entry, Place place = Place::back) {
    const auto where = place == Place::front ? entries_.begin() : entries_.end();
    entries_.insert(where, std::make_shared<Entry>(std::move(entry)));
  }

  void remove(HandlerId id) {
    remove_if([id](const Entry& entry) { return entry.id == id; });
  }
  void remove(std::string_view event) {
    remove_if([event](const Entry& entry) { return entry.event == event; });
  }
  void clear() {
    remove_if([](const Entry&) { return true; });
  }

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  // Hands the functions for `event` to `call`, in order: those that are there now, but not one that is
  // removed before its turn. A function for once is removed first. Answers whether there were any.
  template <class Call>
  bool run(std::string_view event, Call call) {
    if (entries_.empty()) return false;
    std::vector<EntryPtr> present;
    for (const EntryPtr& entry : entries_) {
      if (entry->event == event) present.push_back(entry);
    }
    for (const EntryPtr& entry : present) {
      if (entry->is_removed) continue;
      if (entry->is_once) remove(entry->id);
      call(entry);
    }
    return !present.empty();
  }

 private:
  // What is removed is destroyed behind the walk: its destructor may come back here.
  template <class Matches>
  void remove_if(Matches matches) {
    std::vector<EntryPtr> removed;
    for (const EntryPtr& entry : entries_) {
      if (matches(*entry)) removed.push_back(entry);
    }
    for (const EntryPtr& entry : removed)
      entry->is_removed = true;
    std::erase_if(entries_, [](const EntryPtr& entry) { return entry->is_removed; });
  }

  std::vector<EntryPtr> entries_;
};

}  // namespace banter::socketio
