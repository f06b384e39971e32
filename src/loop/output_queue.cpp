#include "loop/output_queue.h"

#include <algorithm>
#include <utility>

namespace banter::loop {

namespace {

constexpr std::size_t chunk_reserve = 16 * 1024;  // what a drained queue keeps for the next one
constexpr std::size_t slice_reserve = 256;

}  // namespace

void OutputQueue::append(std::span<const Piece> entry) {
  std::size_t copied = chunk_.size();
  for (const Piece& piece : entry) {
    size_ += piece.bytes.size();
    if (!piece.shared || piece.bytes.size() <= copy_limit) {
      chunk_.append(piece.bytes);
    } else {
      append_slice_from(std::exchange(copied, chunk_.size()));
      const auto offset = static_cast<std::size_t>(piece.bytes.data() - piece.shared->view().data());
      slices_.push_back({*piece.shared, offset, piece.bytes.size()});
    }
  }
  append_slice_from(copied);
}

// What lies in the chunk from `begin` on goes behind all slices.
void OutputQueue::append_slice_from(std::size_t begin) {
  if (begin == chunk_.size()) return;
  const bool extends_last = first_ < slices_.size() && !slices_.back().shared &&
                            slices_.back().offset + slices_.back().length == begin;
  if (!extends_last) slices_.push_back({{}, begin, 0});
  slices_.back().length += chunk_.size() - begin;
}

const char* OutputQueue::data_of(const Slice& slice) const noexcept {
  return (slice.shared ? slice.shared.view().data() : chunk_.data()) + slice.offset;
}

std::span<uv_buf_t> OutputQueue::front(std::size_t max_bytes) {
  gathered_.clear();
  const std::size_t end = std::min(slices_.size(), first_ + max_gather);
  for (std::size_t i = first_; i < end && max_bytes > 0; ++i) {
    const std::size_t length = std::min(slices_[i].length, max_bytes);
    // libuv wants a pointer to non-const and only reads.
    gathered_.push_back({const_cast<char*>(data_of(slices_[i])), length});
    max_bytes -= length;
  }
  return gathered_;
}

void OutputQueue::consume(std::size_t count) {
  size_ -= count;
  while (count > 0) {
    Slice& slice = slices_[first_];
    const std::size_t taken = std::min(count, slice.length);
    slice.offset += taken;
    slice.length -= taken;
    count -= taken;
    if (slice.length == 0) {
      slice.shared = {};
      ++first_;
    }
  }
  if (size_ == 0) clear();
}

std::size_t OutputQueue::memory() const noexcept {
  return chunk_.capacity() + slices_.capacity() * sizeof(Slice) + gathered_.capacity() * sizeof(uv_buf_t);
}

void OutputQueue::clear() {
  size_ = 0;
  first_ = 0;
  slices_.clear();
  chunk_.clear();
  if (chunk_.capacity() > chunk_reserve) chunk_.shrink_to_fit();
  if (slices_.capacity() > slice_reserve) slices_.shrink_to_fit();
}

std::unique_ptr<Output> OutputPool::take() {
  if (free_.empty()) return std::make_unique<Output>();
  std::unique_ptr<Output> output = std::move(free_.back());
  free_.pop_back();
  return output;
}

void OutputPool::give_back(std::unique_ptr<Output> output) {
  if (free_.size() < kept) free_.push_back(std::move(output));
}

}  // namespace banter::loop
