// Who is in which room: one index per namespace and Worker.
//
// A room is a dense array of members, and every member keeps for each of its rooms the place it has there, so
// that joining, leaving (the last one takes the freed place) and walking are all cheap. A room exists while
// it has members.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/string_map.h"

namespace banter::socketio {

class RoomIndex;
struct Room;

// What a socket is to its rooms. A base of the socket, so a room can lead back to it.
class RoomMember {
 public:
  RoomMember() = default;
  RoomMember(const RoomMember&) = delete;
  RoomMember& operator=(const RoomMember&) = delete;

 protected:
  ~RoomMember() = default;  // must have left all rooms

 private:
  friend class RoomIndex;
  struct Membership {
    Room* room;
    std::uint32_t place;  // in room->members
  };
  std::vector<Membership> memberships_;
};

struct Room {
  struct Entry {
    RoomMember* member;
    std::uint32_t membership;  // of this room in member->memberships_
  };
  std::string_view name;
  std::vector<Entry> members;
};

// Not thread-safe. Nothing here calls out, so a walk may not be disturbed.
class RoomIndex {
 public:
  bool join(RoomMember& member, std::string_view room);   // no effect if it is in it; true if it is the first
  bool leave(RoomMember& member, std::string_view room);  // no effect if it is not; true if it was the last
  void leave_all(RoomMember& member,
                 std::vector<std::string>* emptied = nullptr);  // adds where it was the last

  [[nodiscard]] static std::size_t count_of(const RoomMember& member) noexcept {
    return member.memberships_.size();
  }
  [[nodiscard]] bool contains(const RoomMember& member, std::string_view room) const noexcept;

  // In the order of a dense array: any. Valid until the index changes.
  [[nodiscard]] std::span<const Room::Entry> members(std::string_view room) const;
  [[nodiscard]] std::vector<std::string> rooms_of(const RoomMember& member) const;
  [[nodiscard]] std::size_t size() const noexcept { return rooms_.size(); }

  // Calls `visit(name, members)` for each room.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [name, room] : rooms_)
      visit(name, room.members.size());
  }

 private:
  bool remove(RoomMember& member, std::size_t membership);

  base::StringMap<Room> rooms_;
};

}  // namespace banter::socketio
