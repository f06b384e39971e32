#include "websocket/deflate.h"

#include <algorithm>
#include <cassert>

#include "websocket/frame_writer.h"

namespace banter::websocket {

namespace {

base::DeflaterSettings costs(const DeflateSettings& settings, int window_bits) noexcept {
  return {.window_bits = window_bits, .memory_level = settings.memory_level, .level = settings.level};
}

}  // namespace

base::Deflater& Compressors::deflater(int window_bits) {
  assert(window_bits >= smallest_window && window_bits <= largest_window);
  auto& deflater = deflaters_[static_cast<std::size_t>(window_bits - smallest_window)];
  if (deflater) {
    deflater->reset();
  } else {
    deflater = std::make_unique<base::Deflater>(costs(settings_, window_bits));
  }
  return *deflater;
}

// Of the largest window, which does for every smaller one.
base::Inflater& Compressors::inflater() {
  if (inflater_) {
    inflater_->reset();
  } else {
    inflater_ = std::make_unique<base::Inflater>(largest_window);
  }
  return *inflater_;
}

base::Deflater& PermessageDeflate::deflater() {
  if (!agreement_.server_keeps_context) return compressors_.deflater(agreement_.server_window_bits);
  if (!deflater_) {
    const auto settings = costs(compressors_.settings(), agreement_.server_window_bits);
    deflater_ = std::make_unique<base::Deflater>(settings);
  }
  return *deflater_;
}

base::Inflater& PermessageDeflate::inflater() {
  if (!agreement_.client_keeps_context) return compressors_.inflater();
  if (!inflater_) {
    // Clients with a zlib before 1.2.9 send with a window of 9 bits if 8 is agreed.
    inflater_ = std::make_unique<base::Inflater>(std::max<int>(agreement_.client_window_bits, 9));
  }
  return *inflater_;
}

Error PermessageDeflate::inflate(std::string& message, std::string_view payload, std::size_t limit) {
  message.clear();
  switch (inflater().append(message, payload, limit)) {
    case base::InflateResult::too_big: return Error::inflated_too_big;
    case base::InflateResult::corrupt: return Error::corrupt_deflate;
    case base::InflateResult::ok: break;
  }
  return {};
}

void append_deflated_message(std::string& out, MessageKind kind, std::string_view payload,
                             base::Deflater& deflater) {
  std::string deflated;
  deflater.append(deflated, payload);
  out.append(FrameHeader(opcode_of(kind), deflated.size(), PayloadCoding::deflated).view()).append(deflated);
}

}  // namespace banter::websocket
