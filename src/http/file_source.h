// A file as the body of a response, read piece by piece on libuv's pool.
#pragma once

#include <memory>

#include "http/body_source.h"
#include "loop/file.h"
#include "loop/loop.h"

namespace banter::http {

class FileSource final : public BodySource {
 public:
  static constexpr std::size_t piece_size = 64 * 1024;

  // `file` is open and regular; what is appended to it later is not sent, and an error if it gets shorter.
  FileSource(loop::Loop& loop, loop::File file);
  ~FileSource() override;

  [[nodiscard]] std::uint64_t size() const noexcept override;
  void read(Done done) override;

 private:
  struct Reading;

  loop::Loop& loop_;
  std::shared_ptr<Reading> reading_;  // also owned by the job that is under way on the pool
};

}  // namespace banter::http
