#include "engine/session_id.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"

namespace banter::engine {

TEST_SUITE("engine session id") {
  TEST_CASE("is 24 characters that name its Worker and slot") {
    for (const std::uint8_t worker : {0, 1, 127, 255}) {
      for (const std::uint32_t slot : {0U, 1U, 15U, 16U, 4095U, 1'000'000U, max_session_slots - 1}) {
        const auto id = make_session_id({worker, slot});
        REQUIRE(id);
        CHECK(id->view().size() == 24);
        CHECK(id->view().find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string_view::npos);
        CHECK(place_of(id->view()) == SessionPlace{worker, slot});
      }
    }
  }

  TEST_CASE("no two of a million for one place are equal") {
    std::vector<std::array<char, session_id_size>> ids;
    for (int i = 0; i < 1'000'000; ++i)
      ids.push_back(make_session_id({1, 2})->text);
    std::sort(ids.begin(), ids.end());
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  }

  TEST_CASE("text that cannot be an id has no place") {
    for (const std::string text : {"", "A", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAA",
                                   "+AAAAAAAAAAAAAAAAAAAAAAA", "AAAAA AAAAAAAAAAAAAAAAAA"}) {
      CAPTURE(text);
      CHECK_FALSE(place_of(text));
    }
  }

  TEST_CASE("there is none without random bytes") {
    base::set_random_source([](std::span<std::byte>) noexcept { return false; });
    CHECK_FALSE(make_session_id({0, 0}));
    base::set_random_source(nullptr);
    CHECK(make_session_id({0, 0}));
  }
}

}  // namespace banter::engine
