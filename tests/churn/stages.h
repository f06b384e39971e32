// How far a handshake gets before its client goes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace churn {

// The connections of a client: an upgrade takes a second one.
enum class Line : std::uint8_t { first, second };
inline constexpr std::size_t most_lines = 2;

// Sends something, then waits until what has come since contains `until`; without that it does not wait.
struct Step {
  Line line;
  std::string_view send;  // "{sid}" stands for the session's id
  std::string_view until;
};

// Whether the server opens sessions for the clients of a stage.
enum class Opens : std::uint8_t { never, perhaps, always };

struct Stage {
  std::string_view name;
  Opens opens;
  std::span<const Step> steps;
};

inline constexpr std::size_t stage_count = 10;
[[nodiscard]] const std::array<Stage, stage_count>& stages() noexcept;

}  // namespace churn
