#include "socketio/room_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>

namespace banter::socketio {
namespace {

struct Member : RoomMember {};

std::set<const RoomMember*> in(const RoomIndex& index, std::string_view room) {
  std::set<const RoomMember*> members;
  for (const Room::Entry& entry : index.members(room))
    CHECK(members.insert(entry.member).second);
  return members;
}

std::set<std::string> rooms_of(const RoomIndex& index, const RoomMember& member) {
  const auto rooms = index.rooms_of(member);
  std::set<std::string> names(rooms.begin(), rooms.end());
  CHECK(names.size() == rooms.size());
  return names;
}

}  // namespace

TEST_SUITE("room index") {
  TEST_CASE("a room exists while it has members") {
    RoomIndex index;
    Member a;
    CHECK(index.members("r").empty());
    index.join(a, "r");
    CHECK(index.size() == 1);
    index.join(a, "r");
    CHECK(index.members("r").size() == 1);
    index.leave(a, "other");
    index.leave(a, "r");
    index.leave(a, "r");
    CHECK(index.size() == 0);
    CHECK(rooms_of(index, a).empty());
  }

  TEST_CASE("names are bytes: empty, with zeros, long") {
    RoomIndex index;
    Member a;
    const std::array<std::string, 3> names{"", std::string("a\0b", 3), std::string(100'000, 'r')};
    for (const std::string& name : names)
      index.join(a, name);
    CHECK(rooms_of(index, a) == std::set<std::string>(names.begin(), names.end()));
    CHECK(index.members(std::string_view("a")).empty());
    index.leave_all(a);
    CHECK(index.size() == 0);
  }

  TEST_CASE("agrees with sets after any sequence of joining and leaving") {
    constexpr std::size_t member_count = 12;
    for (unsigned seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      RoomIndex index;
      std::array<Member, member_count> members;
      std::map<std::string, std::set<const RoomMember*>> model;
      for (int step = 0; step < 2000; ++step) {
        Member& member = members[random() % member_count];
        const std::string room = "room" + std::to_string(random() % 9);
        const unsigned action = random() % 16;
        if (action < 8) {
          index.join(member, room);
          model[room].insert(&member);
        } else if (action < 15) {
          index.leave(member, room);
          model[room].erase(&member);
        } else {
          index.leave_all(member);
          for (auto& [name, set] : model)
            set.erase(&member);
        }
        std::erase_if(model, [](const auto& entry) { return entry.second.empty(); });
        REQUIRE(index.size() == model.size());
        REQUIRE(in(index, room) == (model.count(room) ? model[room] : std::set<const RoomMember*>{}));
      }
      for (const auto& [name, set] : model)
        CHECK(in(index, name) == set);
      for (Member& member : members) {
        std::set<std::string> expected;
        for (const auto& [name, set] : model) {
          if (set.count(&member)) expected.insert(name);
        }
        CHECK(rooms_of(index, member) == expected);
        index.leave_all(member);
      }
      CHECK(index.size() == 0);
    }
  }
}

}  // namespace banter::socketio
