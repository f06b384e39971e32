#include "http/file_source.h"

#include <algorithm>
#include <utility>

namespace banter::http {

// While a job is under way it alone touches `piece`, `length` and `error`, and nobody else the file.
struct FileSource::Reading {
  loop::File file;
  std::uint64_t offset = 0;
  std::string piece;
  std::size_t length = 0;
  std::error_code error;
  Done done;
};

FileSource::FileSource(loop::Loop& loop, loop::File file)
    : loop_(loop), reading_(std::make_shared<Reading>()) {
  reading_->file = std::move(file);
}

FileSource::~FileSource() {
  reading_->done.reset();
}

std::uint64_t FileSource::size() const noexcept {
  return reading_->file.info().size;
}

void FileSource::read(Done done) {
  reading_->done = std::move(done);
  const std::uint64_t left = reading_->file.info().size - reading_->offset;
  reading_->piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, piece_size)));
  const auto work = [reading = reading_] {
    reading->error = reading->file.read_at(reading->offset, reading->piece, reading->length);
  };
  const auto give = [reading = reading_] {
    if (!reading->done) return;  // the source was destroyed meanwhile
    if (!reading->error && reading->length == 0) reading->error = std::make_error_code(std::errc::io_error);
    reading->offset += reading->length;
    reading->piece.resize(reading->length);
    Done tell = std::move(reading->done);
    tell(reading->error, std::move(reading->piece));
  };
  loop::run_on_pool(loop_, work, give);
}

}  // namespace banter::http
