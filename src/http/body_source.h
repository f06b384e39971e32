// A response's body that is made while it is sent, so that it never lies in memory whole.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "banter/function.h"

namespace banter::http {

class BodySource {
 public:
  using Done = Function<void(std::error_code, std::string)>;

  virtual ~BodySource() = default;  // cancels: a `done` that has not run never does

  // The bytes that all pieces will have together.
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;

  // Calls `done` once, on a later turn of the loop, with the next piece: at least one byte. After an error
  // there are no more. Not called again before `done`, or after size() bytes. `done` may destroy the source.
  virtual void read(Done done) = 0;
};

}  // namespace banter::http
