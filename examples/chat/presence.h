// Who is called what, and who is in which room. Knows nothing of connections but their number: somebody may
// be here in several tabs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

// Whether a step changed what others see: the first connection in, the last one out.
enum class Seen { changed, same };

// Threads: one.
class Presence {
 public:
  // Most rooms at a time, the standing ones included.
  static constexpr std::size_t max_rooms = 200;

  // The `standing` rooms exist while nobody is in them.
  explicit Presence(std::vector<std::string> standing);

  // A name belongs to its first connection and to those with the same key (of the browser), which is not
  // empty.
  [[nodiscard]] bool is_free(std::string_view name, std::string_view key) const;
  [[nodiscard]] std::string free_name_like(std::string_view name) const;

  // Counts a connection with this name; it `is_free`.
  void arrive(std::string_view name, std::string_view key);
  // One connection less; the name is free after the last.
  void depart(std::string_view name);

  // `room` exists, or could be made.
  [[nodiscard]] bool has_place_for(std::string_view room) const;
  [[nodiscard]] bool exists(std::string_view room) const { return rooms_.find(room) != rooms_.end(); }
  [[nodiscard]] std::vector<std::string> rooms() const;
  [[nodiscard]] std::vector<std::string> members(std::string_view room) const;

  // One connection of `name` more or less in `room`, which is made and given up as needed.
  Seen enter(std::string_view room, std::string_view name);
  Seen leave(std::string_view room, std::string_view name);

 private:
  struct Person {
    std::string key;
    std::size_t connections = 0;
  };
  struct Room {
    bool is_standing = false;
    std::map<std::string, std::size_t, std::less<>> members;  // name -> connections
  };

  std::map<std::string, Person, std::less<>> people_;  // by folded name
  std::map<std::string, Room, std::less<>> rooms_;
};

}  // namespace chat
