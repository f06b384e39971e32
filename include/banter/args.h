// Args: the arguments of an event as they came, undecoded.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "banter/decode.h"
#include "banter/raw_argument.h"

namespace banter {

// A view of an event's arguments. Given to `emit` or an Ack it stands for its arguments, sent on as they
// came.
//
// Lifetime: valid until the handler it was passed to returns; so is everything it hands out but the values of
// `get` and `to_json`.
class Args {
 public:
  Args() = default;
  // `texts` are JSON values whose grammar is checked, `attachments` those of the whole packet.
  explicit Args(std::span<const std::string_view> texts, std::span<const Bytes> attachments = {},
                BinaryForm binary = BinaryForm::attachments) noexcept
      : texts_(texts), attachments_(attachments), binary_(binary) {}

  [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
  [[nodiscard]] bool empty() const noexcept { return texts_.empty(); }
  [[nodiscard]] std::span<const Bytes> attachments() const noexcept { return attachments_; }

  // The JSON text of an argument; empty behind the last one.
  [[nodiscard]] std::string_view raw(std::size_t index) const noexcept {
    return index < texts_.size() ? texts_[index] : std::string_view();
  }

  // The argument as a T, by the rules of a handler's parameter. Nothing if it is not there or does not fit.
  template <class T>
  [[nodiscard]] std::optional<T> get(std::size_t index) const {
    static_assert(
        detail::DecodableValue<T>,
        "banter: this type cannot be decoded: take std::string for text, Bytes for binary, or give a "
        "type of your own a from_json");
    std::optional<T> value(std::in_place);
    if (!detail::decode(argument(index), *value)) value.reset();
    return value;
  }

  // All arguments as one array; null if a binary one lacks its attachment.
  [[nodiscard]] BANTER_API json to_json() const;

  // The arguments without the first `count`.
  [[nodiscard]] Args from(std::size_t count) const noexcept {
    return Args(texts_.subspan(count < texts_.size() ? count : texts_.size()), attachments_, binary_);
  }

  // For decoding; its text is empty behind the last argument.
  [[nodiscard]] detail::RawArgument argument(std::size_t index) const noexcept {
    return {raw(index), attachments_, binary_};
  }

 private:
  std::span<const std::string_view> texts_;
  std::span<const Bytes> attachments_;
  BinaryForm binary_ = BinaryForm::attachments;
};

}  // namespace banter
