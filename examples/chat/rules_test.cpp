#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "rules.h"

#include <doctest/doctest.h>

#include "presence.h"

using namespace chat;
using namespace chat::rules;
using Names = std::vector<std::string>;

namespace {

std::string repeat(std::string_view what, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += what;
  return all;
}

}  // namespace

TEST_SUITE("rules") {
  TEST_CASE("a name is what people call themselves") {
    const std::string good[] = {"Ann",
                                "Ada Lovelace",
                                "\u0646\u0648\u0631",
                                "\u674e",
                                "<b>Bob</b>",
                                "\U0001F389",
                                "O'Neil; --",
                                repeat("\U0001F389", 32),
                                "\U0001F468\u200d\U0001F469\u200d\U0001F467"};
    for (const std::string& name : good) {
      CAPTURE(name);
      CHECK(name_problem(name) == "");
    }
  }

  TEST_CASE("a name that is empty, too long, hidden or broken is refused with the reason") {
    struct Row {
      std::string name;
      std::string_view problem;
    };
    const Row rows[] = {
        {"", "Please choose a name."},
        {" ", "Please choose a name."},
        {"\u200d\ufe0f", "Please choose a name."},
        {"\u3164", "Please choose a name."},
        {repeat("x", 33), "A name has at most 32 characters."},
        {repeat("x", 10'000), "A name has at most 32 characters."},
        {"a\nb", "This name has an invisible character in it."},
        {std::string("a\0b", 3), "This name has an invisible character in it."},
        {"a\u0085", "This name has an invisible character in it."},
        {"a\u202eb", "This name has an invisible character in it."},
        {"a\u2067b", "This name has an invisible character in it."},
        {"a\u200b", "This name has an invisible character in it."},
        {"a\U000E0041", "This name has an invisible character in it."},
        {"a\xff", "The name is not valid text."},
        {"a\xc3", "The name is not valid text."},
        {"a\xe2\x82(", "The name is not valid text."},
        {"\xc0\xaf", "The name is not valid text."},
        {"\xe0\x80\x8a", "The name is not valid text."},
        {"\xed\xa0\x80", "The name is not valid text."},
        {"\xf0\x80\x80\x8a", "The name is not valid text."},
        {"\xf4\x90\x80\x80", "The name is not valid text."},
    };
    for (const Row& row : rows) {
      CAPTURE(row.name);
      CHECK(name_problem(row.name) == row.problem);
    }
  }

  TEST_CASE("spaces around a name and between its words are reduced") {
    CHECK(clean_name("  Ada \t\n Lovelace ") == "Ada Lovelace");
    CHECK(clean_name(" \r\n ") == "");
  }

  TEST_CASE("a room has a plain name") {
    for (const char* room : {"lobby", "a", "room-101", "1-2-3"}) {
      CAPTURE(room);
      CHECK(room_problem(room) == "");
    }
    for (const char* room : {"", "Lobby", "a b", "-a", "a-", "a--b", "\u00e4", "a/b", "a\n"}) {
      CAPTURE(room);
      CHECK(room_problem(room) != "");
    }
    CHECK(room_problem(repeat("x", 32)) == "");
    CHECK(room_problem(repeat("x", 33)) == "The name of a room has at most 32 characters.");
  }

  TEST_CASE("a text is counted in characters, and keeps lines, tabs and any script") {
    CHECK(text_problem("<script>alert(1)</script>") == "");
    CHECK(text_problem("one\n\ttwo \u202eodd") == "");
    CHECK(text_problem(repeat("\U0001F389", 2000)) == "");
    CHECK(text_problem(repeat("\U0001F389", 2001)) == "A message has at most 2000 characters.");
    CHECK(text_problem(" \n\t\u200d") == "The message is empty.");
    CHECK(text_problem("") == "The message is empty.");
    CHECK(text_problem("bell\a") == "The message has a control character in it.");
    CHECK(text_problem("cut \xf0\x9f") == "The message is not valid text.");
  }

  TEST_CASE("an id is 16 to 64 letters, digits, hyphens and underscores") {
    CHECK(is_id("3f2b8c1e-5d7a-4f6b-9e0d-1a2b3c4d5e6f"));
    CHECK(is_id(repeat("x", 16)));
    CHECK(is_id(repeat("x", 64)));
    for (const std::string& id : {repeat("x", 15), repeat("x", 65), std::string("0123456789abcdef;"),
                                  std::string("0123456789abcde\u00e4"), std::string()}) {
      CAPTURE(id);
      CHECK_FALSE(is_id(id));
    }
  }
}

TEST_SUITE("presence") {
  TEST_CASE("a name belongs to whoever came first, until the last of their tabs is gone") {
    Presence presence({"lobby"});
    CHECK(presence.is_free("Ann", "key-1"));
    presence.arrive("Ann", "key-1");
    CHECK_FALSE(presence.is_free("Ann", "key-2"));
    CHECK_FALSE(presence.is_free("aNN", "key-2"));
    CHECK_FALSE(presence.is_free("Ann", ""));
    CHECK(presence.is_free("Ann", "key-1"));
    presence.arrive("Ann", "key-1");
    presence.depart("Ann");
    CHECK_FALSE(presence.is_free("Ann", "key-2"));
    presence.depart("Ann");
    CHECK(presence.is_free("Ann", "key-2"));
  }

  TEST_CASE("two without a key are two people") {
    Presence presence({});
    presence.arrive("Ann", "");
    CHECK_FALSE(presence.is_free("Ann", ""));
  }

  TEST_CASE("the name offered instead of a taken one is free and within the limit") {
    Presence presence({});
    presence.arrive("Ann", "a");
    CHECK(presence.free_name_like("Ann") == "Ann 2");
    presence.arrive("Ann 2", "b");
    CHECK(presence.free_name_like("Ann") == "Ann 3");
    for (const std::string& name : {repeat("x", 32), repeat("\U0001F389", 32)}) {
      const std::string other = presence.free_name_like(name);
      CAPTURE(other);
      CHECK(name_problem(other) == "");
    }
  }

  TEST_CASE("others see somebody come with the first tab and go with the last") {
    Presence presence({"lobby"});
    CHECK(presence.enter("lobby", "Ann") == Seen::changed);
    CHECK(presence.enter("lobby", "Ann") == Seen::same);
    CHECK(presence.enter("lobby", "Bob") == Seen::changed);
    CHECK(presence.members("lobby") == Names{"Ann", "Bob"});
    CHECK(presence.leave("lobby", "Ann") == Seen::same);
    CHECK(presence.leave("lobby", "Ann") == Seen::changed);
    CHECK(presence.leave("lobby", "Ann") == Seen::same);
    CHECK(presence.leave("nowhere", "Ann") == Seen::same);
    CHECK(presence.members("lobby") == Names{"Bob"});
  }

  TEST_CASE("a room is there while somebody is in it; the standing ones always are") {
    Presence presence({"lobby"});
    presence.enter("attic", "Ann");
    CHECK(presence.rooms() == Names{"attic", "lobby"});
    presence.leave("attic", "Ann");
    presence.enter("lobby", "Ann");
    presence.leave("lobby", "Ann");
    CHECK(presence.rooms() == Names{"lobby"});
  }

  TEST_CASE("the number of rooms is limited, not the way into those that exist") {
    Presence presence({"lobby"});
    for (std::size_t i = 1; i < Presence::max_rooms; ++i)
      presence.enter("room-" + std::to_string(i), "Ann");
    CHECK_FALSE(presence.has_place_for("one-more"));
    CHECK(presence.has_place_for("room-1"));
  }
}
