#include "socketio/room_index.h"

#include <algorithm>

namespace banter::socketio {

bool RoomIndex::join(RoomMember& member, std::string_view name) {
  auto found = rooms_.find(name);
  if (found == rooms_.end()) {
    found = rooms_.emplace(std::string(name), Room{}).first;
    found->second.name = found->first;
  }
  Room& room = found->second;
  auto& memberships = member.memberships_;
  const bool is_in =
      std::any_of(memberships.begin(), memberships.end(), [&](const auto& m) { return m.room == &room; });
  if (is_in) return false;
  room.members.push_back({&member, static_cast<std::uint32_t>(memberships.size())});
  memberships.push_back({&room, static_cast<std::uint32_t>(room.members.size() - 1)});
  return room.members.size() == 1;
}

bool RoomIndex::leave(RoomMember& member, std::string_view name) {
  auto& memberships = member.memberships_;
  const auto found = std::find_if(memberships.begin(), memberships.end(),
                                  [&](const auto& m) { return m.room->name == name; });
  return found != memberships.end() && remove(member, static_cast<std::size_t>(found - memberships.begin()));
}

void RoomIndex::leave_all(RoomMember& member, std::vector<std::string>* emptied) {
  while (!member.memberships_.empty()) {
    const Room& last = *member.memberships_.back().room;
    if (emptied && last.members.size() == 1) emptied->emplace_back(last.name);
    remove(member, member.memberships_.size() - 1);
  }
  member.memberships_.shrink_to_fit();
}

bool RoomIndex::remove(RoomMember& member, std::size_t membership) {
  const auto [room, place] = member.memberships_[membership];
  // The room's last member takes the freed place, and the member's last room the freed membership.
  const Room::Entry moved = room->members[place] = room->members.back();
  moved.member->memberships_[moved.membership].place = place;
  room->members.pop_back();
  const auto last = member.memberships_[membership] = member.memberships_.back();
  if (membership + 1 != member.memberships_.size()) {
    last.room->members[last.place].membership = static_cast<std::uint32_t>(membership);
  }
  member.memberships_.pop_back();
  const bool was_last = room->members.empty();
  if (was_last) rooms_.erase(rooms_.find(room->name));
  return was_last;
}

std::span<const Room::Entry> RoomIndex::members(std::string_view room) const {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? std::span<const Room::Entry>{}
                               : std::span<const Room::Entry>(found->second.members);
}

bool RoomIndex::contains(const RoomMember& member, std::string_view name) const noexcept {
  return std::any_of(member.memberships_.begin(), member.memberships_.end(),
                     [&](const auto& membership) { return membership.room->name == name; });
}

std::vector<std::string> RoomIndex::rooms_of(const RoomMember& member) const {
  std::vector<std::string> names;
  for (const auto& membership : member.memberships_)
    names.emplace_back(membership.room->name);
  return names;
}

}  // namespace banter::socketio
