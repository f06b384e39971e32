// Objects that handles name by a slot: a place, and which of its tenants is meant.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "banter/handle.h"

namespace banter::server {

template <class T>
class SlotTable {
 public:
  // A place for the next object; put() fills it.
  [[nodiscard]] detail::Slot reserve() {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(entries_.size()));
      entries_.emplace_back();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Entry& entry = entries_[index];
    if (++entry.generation == 0) entry.generation = 1;  // 0 names nobody
    return {index, entry.generation};
  }

  T& put(detail::Slot slot, std::unique_ptr<T> object) {
    entries_[slot.index].object = std::move(object);
    return *entries_[slot.index].object;
  }

  // Null if it is gone.
  [[nodiscard]] T* find(detail::Slot slot) const noexcept {
    if (slot.index >= entries_.size()) return nullptr;
    const Entry& entry = entries_[slot.index];
    return entry.generation == slot.generation ? entry.object.get() : nullptr;
  }

  [[nodiscard]] std::unique_ptr<T> take(detail::Slot slot) {
    free_.push_back(slot.index);
    return std::move(entries_[slot.index].object);
  }

  // `action` may take the object that it is given.
  template <class Action>
  void for_each(Action action) {
    for (std::size_t index = 0; index < entries_.size(); ++index) {
      if (T* object = entries_[index].object.get()) action(*object);
    }
  }

 private:
  struct Entry {
    std::unique_ptr<T> object;
    std::uint32_t generation = 0;
  };

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
};

}  // namespace banter::server
