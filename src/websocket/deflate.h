// permessage-deflate at work (RFC 7692 section 7.2): what a Worker shares, what a connection has of its own.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "banter/message_kind.h"
#include "base/deflate.h"
#include "websocket/error.h"
#include "websocket/extensions.h"

namespace banter::websocket {

// A Worker's compressors and inflater for connections that keep no context. Made when they are first needed,
// they stay: 256 KiB for each window size in use (usually one), 40 KiB for the inflater. Belongs to one
// thread.
class Compressors {
 public:
  // `settings` must outlive this object.
  explicit Compressors(const DeflateSettings& settings) noexcept : settings_(settings) {}
  explicit Compressors(const DeflateSettings&&) = delete;

  // Without context. Valid until the next call of the same member. The default is the window of messages that
  // many connections share.
  [[nodiscard]] base::Deflater& deflater(int window_bits);
  [[nodiscard]] base::Deflater& deflater() { return deflater(settings_.window_bits); }
  [[nodiscard]] base::Inflater& inflater();

  [[nodiscard]] const DeflateSettings& settings() const noexcept { return settings_; }

 private:
  static constexpr int smallest_window = 9;
  static constexpr int largest_window = 15;

  const DeflateSettings& settings_;
  std::array<std::unique_ptr<base::Deflater>, largest_window - smallest_window + 1> deflaters_;
  std::unique_ptr<base::Inflater> inflater_;
};

// What a connection needs that has agreed on the extension.
class PermessageDeflate {
 public:
  // `compressors` outlive this object; the agreement was made with their settings.
  PermessageDeflate(const DeflateAgreement& agreement, Compressors& compressors) noexcept
      : compressors_(compressors), agreement_(agreement) {}

  // What the next message is to be compressed with: at once, whole, and then it must be sent, since the
  // peer's context has to follow ours.
  [[nodiscard]] base::Deflater& deflater();

  // Sets `message` to what `payload`, of all the frames of a message, means: at most `limit` bytes. Every
  // compressed message must come through here, in order.
  [[nodiscard]] Error inflate(std::string& message, std::string_view payload, std::size_t limit);

  // Messages of fewer bytes are sent as they are.
  [[nodiscard]] std::size_t threshold() const noexcept { return compressors_.settings().threshold; }

  // True if what is compressed here must reach the peer, since its context follows ours.
  [[nodiscard]] bool keeps_context() const noexcept { return agreement_.server_keeps_context; }

  // True if messages made with Compressors::deflater() may be sent: we keep no context, and the peer takes
  // their window.
  [[nodiscard]] bool takes_shared() const noexcept {
    return !agreement_.server_keeps_context &&
           agreement_.server_window_bits >= compressors_.settings().window_bits;
  }

 private:
  [[nodiscard]] base::Inflater& inflater();

  Compressors& compressors_;
  DeflateAgreement agreement_;
  std::unique_ptr<base::Deflater> deflater_;  // with context; made for the first message
  std::unique_ptr<base::Inflater> inflater_;
};

// Appends a whole message compressed, for those that are written once and sent to many: `deflater` is
// Compressors::deflater().
void append_deflated_message(std::string& out, MessageKind kind, std::string_view payload,
                             base::Deflater& deflater);

}  // namespace banter::websocket
