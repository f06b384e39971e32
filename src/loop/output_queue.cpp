#include "loop/output_queue.h"

#include <algorithm>
#include <utility>

#include "base/string_map.h"

namespace banter::loop {

namespace {

constexpr std::size_t chunk_reserve = 16 * 1024;  // what a drained queue keeps for the next one
constexpr std::size_t slice_reserve = 256;
constexpr std::size_t block_size = 256 * 1024;  // of a backlog, which is given back block by block

}  // namespace

// An entry has slices of its own, so that it can be taken out; those become gaps, which are closed before
// there are more of them than of other slices.
struct OutputQueue::Keys {
  static constexpr std::size_t allowed_gaps = 64;

  struct Place {
    std::size_t first;  // of its slices
    std::size_t count;
    std::size_t length;  // of the first one while nothing of it is sent
  };
  base::StringMap<Place> places;
  std::size_t gaps = 0;
};

OutputQueue::OutputQueue() noexcept = default;
OutputQueue::OutputQueue(OutputQueue&&) noexcept = default;
OutputQueue& OutputQueue::operator=(OutputQueue&&) noexcept = default;
OutputQueue::~OutputQueue() {
  clear();
}

void OutputQueue::append(std::span<const Piece> entry) {
  std::size_t copied = chunk_.size();
  for (const Piece& piece : entry) {
    size_ += piece.bytes.size();
    if (!piece.shared || piece.bytes.size() <= copy_limit) {
      if (!chunk_.empty() && chunk_.size() + piece.bytes.size() > block_size) {
        append_slice_from(std::exchange(copied, 0));
        seal_chunk();
      }
      chunk_.append(piece.bytes);
    } else {
      append_slice_from(std::exchange(copied, chunk_.size()));
      append_shared(*piece.shared, piece.bytes);
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
  if (budget_) charge_.resize(chunk_.size());
}

// A longer chunk would be copied as it grows, and kept until its last byte is sent.
void OutputQueue::seal_chunk() {
  const auto block = base::SharedBytes::take(std::exchange(chunk_, {}));
  for (std::size_t i = std::max(first_, sealed_); i < slices_.size(); ++i) {
    if (slices_[i].shared || slices_[i].length == 0) continue;
    slices_[i].shared = block;
    if (budget_) block.charge_to(*budget_);
  }
  sealed_ = slices_.size();
  charge_.resize(0);
}

void OutputQueue::append_shared(const base::SharedBytes& shared, std::string_view bytes) {
  const auto offset = static_cast<std::size_t>(bytes.data() - shared.view().data());
  slices_.push_back({shared, offset, bytes.size()});
  if (budget_) shared.charge_to(*budget_);
}

// What is not shared gets memory of its own: in the chunk it would stay when the entry is taken out.
void OutputQueue::append_latest(std::span<const Piece> entry, std::string_view key) {
  const std::size_t first = slices_.size();
  std::string own;
  const auto keep_own = [&] {
    if (own.empty()) return;
    const auto bytes = base::SharedBytes::take(std::exchange(own, {}));
    append_shared(bytes, bytes.view());
  };
  for (const Piece& piece : entry) {
    size_ += piece.bytes.size();
    if (!piece.shared) {
      own.append(piece.bytes);
    } else if (!piece.bytes.empty()) {
      keep_own();
      append_shared(*piece.shared, piece.bytes);
    }
  }
  keep_own();
  if (first == slices_.size()) return;
  if (!keys_) keys_ = std::make_unique<Keys>();
  keys_->places.insert_or_assign(std::string(key),
                                 Keys::Place{first, slices_.size() - first, slices_[first].length});
}

void OutputQueue::remove(std::string_view key) {
  if (!keys_) return;
  const auto found = keys_->places.find(key);
  if (found == keys_->places.end()) return;
  const Keys::Place place = found->second;
  keys_->places.erase(found);
  const bool has_begun = place.first < first_ || slices_[place.first].length != place.length;
  if (has_begun || place.first < pinned_) return;
  for (std::size_t i = place.first; i < place.first + place.count; ++i) {
    size_ -= slices_[i].length;
    drop(slices_[i]);
  }
  keys_->gaps += place.count;
  if (size_ == 0) return clear();
  if (keys_->gaps * 2 > slices_.size() - first_ + Keys::allowed_gaps) close_gaps();
}

void OutputQueue::drop(Slice& slice) noexcept {
  if (budget_ && slice.shared) slice.shared.release_from(*budget_);
  slice.shared = {};
  slice.length = 0;
}

void OutputQueue::close_gaps() {
  std::vector<std::size_t> moved(slices_.size() + 1);  // where each slice goes
  std::size_t kept = 0;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    moved[i] = kept;
    if (i < first_ || slices_[i].length == 0) continue;
    if (kept != i) slices_[kept] = std::move(slices_[i]);
    ++kept;
  }
  moved[slices_.size()] = kept;
  slices_.resize(kept);
  std::erase_if(keys_->places, [&](const auto& entry) { return entry.second.first < first_; });
  for (auto& [key, place] : keys_->places)
    place.first = moved[place.first];
  pinned_ = moved[pinned_];
  sealed_ = moved[sealed_];
  first_ = 0;
  keys_->gaps = 0;
}

const char* OutputQueue::data_of(const Slice& slice) const noexcept {
  return (slice.shared ? slice.shared.view().data() : chunk_.data()) + slice.offset;
}

std::span<uv_buf_t> OutputQueue::front(std::size_t max_bytes) {
  gathered_.clear();
  std::size_t i = first_;
  for (; i < slices_.size() && gathered_.size() < max_gather && max_bytes > 0; ++i) {
    if (slices_[i].length == 0) continue;  // a gap
    const std::size_t length = std::min(slices_[i].length, max_bytes);
    // libuv wants a pointer to non-const and only reads.
    gathered_.push_back({const_cast<char*>(data_of(slices_[i])), length});
    max_bytes -= length;
  }
  gathered_end_ = i;
  return gathered_;
}

void OutputQueue::consume(std::size_t count) {
  size_ -= count;
  pinned_ = 0;
  while (count > 0) {
    Slice& slice = slices_[first_];
    const std::size_t taken = std::min(count, slice.length);
    slice.offset += taken;
    slice.length -= taken;
    count -= taken;
    if (slice.length == 0) {
      drop(slice);
      ++first_;
    }
  }
  if (size_ == 0) clear();
}

void OutputQueue::charge_to(base::Budget* budget) {
  if (budget_ || !budget) return;
  budget_ = budget;
  charge_ = base::Charge(budget, chunk_.size());
  for (std::size_t i = first_; i < slices_.size(); ++i) {
    if (slices_[i].shared) slices_[i].shared.charge_to(*budget);
  }
}

void OutputQueue::uncharge() noexcept {
  if (!budget_) return;
  for (const Slice& slice : slices_) {
    if (slice.shared) slice.shared.release_from(*budget_);
  }
  charge_ = {};
  budget_ = nullptr;
}

std::string OutputQueue::take() {
  std::string all;
  const bool is_whole_chunk = slices_.size() == 1 && !slices_.front().shared && slices_.front().offset == 0;
  if (is_whole_chunk) {
    all = std::move(chunk_);
  } else {
    all.reserve(size_);
    for (std::size_t i = first_; i < slices_.size(); ++i)
      all.append(data_of(slices_[i]), slices_[i].length);
  }
  clear();
  return all;
}

std::size_t OutputQueue::memory() const noexcept {
  return chunk_.capacity() + slices_.capacity() * sizeof(Slice) + gathered_.capacity() * sizeof(uv_buf_t);
}

void OutputQueue::clear() {
  uncharge();
  keys_.reset();
  size_ = 0;
  first_ = 0;
  pinned_ = 0;
  sealed_ = 0;
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
