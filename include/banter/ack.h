// The acknowledgement a handler may give: a last parameter `banter::Ack<…>`.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "banter/encode.h"
#include "banter/export.h"
#include "banter/handle.h"

namespace banter {

namespace detail {

// Which answer is owed to whom. Empty if the client did not ask for one.
struct AckTicket;
using AckTicketPtr = std::shared_ptr<AckTicket>;

// A thread's reusable text, to encode into; a nested use gets another one.
class BANTER_API ScratchText {
 public:
  ScratchText();
  ScratchText(const ScratchText&) = delete;
  ScratchText& operator=(const ScratchText&) = delete;
  ~ScratchText();
  [[nodiscard]] std::string& get() noexcept { return *text_; }

 private:
  std::unique_ptr<std::string> text_;  // handed from user to user: a string would be moved each time
};

// Sends the answer if none was sent yet: `data` is the JSON array without its closing bracket.
BANTER_API void answer(const AckTicketPtr& ticket, Encoder& data);
BANTER_API bool was_answered(const AckTicketPtr& ticket) noexcept;

}  // namespace detail

// Answers the event that a handler was called for, once, from any thread, now or later. Copies are the same
// answer. Calling one that nobody asked for, a second time, or after the socket has left does nothing.
template <class... Values>
class Ack {
 public:
  Ack() noexcept = default;
  explicit Ack(detail::AckTicketPtr ticket) noexcept : ticket_(std::move(ticket)) {}

  void operator()(const Values&... values) const {
    if (!wanted()) return;
    detail::ScratchText text;
    Encoder data(text.get());
    text.get() += '[';
    encode_arguments(data, values...);
    detail::answer(ticket_, data);
  }

  // True if the client asked for an answer and has not been given one.
  [[nodiscard]] bool wanted() const noexcept { return ticket_ && !detail::was_answered(ticket_); }

 private:
  detail::AckTicketPtr ticket_;
};

}  // namespace banter
