// Whether something sent may be compressed on its way, where that is agreed at all.
#pragma once

#include <cstdint>

namespace banter {

enum class Compress : std::uint8_t { no, yes };

}  // namespace banter
