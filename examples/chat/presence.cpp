#include "presence.h"

#include <algorithm>
#include <cassert>

#include "rules.h"

namespace chat {

Presence::Presence(std::vector<std::string> standing) {
  for (std::string& room : standing)
    rooms_[std::move(room)].is_standing = true;
}

bool Presence::is_free(std::string_view name, std::string_view key) const {
  const auto person = people_.find(rules::fold(name));
  return person == people_.end() || (!key.empty() && person->second.key == key);
}

std::string Presence::free_name_like(std::string_view name) const {
  for (int number = 2;; ++number) {
    const std::string ending = ' ' + std::to_string(number);
    // Cut before a character, never inside one; a byte 10xxxxxx goes on with one.
    std::size_t length = std::min(name.size(), rules::max_name - ending.size());
    while (length > 0 && length < name.size() && (static_cast<unsigned char>(name[length]) & 0xc0) == 0x80)
      --length;
    std::string candidate = rules::clean_name(name.substr(0, length)) + ending;
    if (is_free(candidate, {})) return candidate;
  }
}

void Presence::arrive(std::string_view name, std::string_view key) {
  assert(is_free(name, key));
  Person& person = people_[rules::fold(name)];
  person.key = key;
  ++person.connections;
}

void Presence::depart(std::string_view name) {
  const auto person = people_.find(rules::fold(name));
  if (person == people_.end()) return;
  if (--person->second.connections == 0) people_.erase(person);
}

bool Presence::has_place_for(std::string_view room) const {
  return exists(room) || rooms_.size() < max_rooms;
}

std::vector<std::string> Presence::rooms() const {
  std::vector<std::string> names;
  names.reserve(rooms_.size());
  for (const auto& [name, room] : rooms_)
    names.push_back(name);
  return names;
}

std::vector<std::string> Presence::members(std::string_view room) const {
  std::vector<std::string> names;
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return names;
  for (const auto& [name, connections] : found->second.members)
    names.push_back(name);
  return names;
}

Seen Presence::enter(std::string_view room, std::string_view name) {
  const bool is_first = ++rooms_[std::string(room)].members[std::string(name)] == 1;
  return is_first ? Seen::changed : Seen::same;
}

Seen Presence::leave(std::string_view room, std::string_view name) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return Seen::same;
  auto& members = found->second.members;
  const auto member = members.find(name);
  if (member == members.end() || --member->second > 0) return Seen::same;
  members.erase(member);
  if (members.empty() && !found->second.is_standing) rooms_.erase(found);
  return Seen::changed;
}

}  // namespace chat
