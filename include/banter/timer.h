// Something that runs later.
#pragma once

#include <cstdint>
#include <utility>

#include "banter/export.h"
#include "banter/handle.h"

namespace banter {

// What `after` answers: calls it off. A value; forgetting it changes nothing.
class BANTER_API Timer {
 public:
  Timer() = default;
  Timer(detail::PortRef port, std::uint64_t id, detail::Slot socket = {}) noexcept
      : port_(std::move(port)), id_(id), socket_(socket) {}
  void cancel() const;  // any thread; no effect once it has run

 private:
  detail::PortRef port_;
  std::uint64_t id_ = 0;
  detail::Slot socket_;  // whose timer it is; nobody's: the Worker's
};

}  // namespace banter
