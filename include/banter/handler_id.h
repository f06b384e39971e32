// Names what `on` and its like have added, to take it away again.
#pragma once

#include <cstdint>

namespace banter {

// One handler, catch-all or listener of one socket; no other of that socket ever has it.
enum class HandlerId : std::uint64_t { none = 0 };

}  // namespace banter
