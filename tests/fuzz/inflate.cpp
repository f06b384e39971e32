// Compressed messages of a client give the same events and the same error however they are cut, none longer
// than the limit; and what our Deflater makes of any bytes inflates to them.
//
// Input: a byte that chooses limits and context, four that choose the cuts, then frames, or payloads that are
// put into frames, each behind a byte with its length.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "tests/support/websocket_frames.h"
#include "tests/websocket/read_all.h"
#include "websocket/deflate.h"
#include "websocket/message_reader.h"

namespace {

using namespace banter::websocket;
using banter::test::Event;
using banter::test::Outcome;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Peer {
  Peer(const DeflateAgreement& agreement, const Limits& limits)
      : compressors(settings), deflate(agreement, compressors), reader(limits) {}

  void read(std::string_view piece) { banter::test::read_piece(reader, piece, outcome, &deflate); }

  DeflateSettings settings;
  Compressors compressors;
  PermessageDeflate deflate;
  MessageReader reader;
  Outcome outcome;
};

std::string framed(std::string_view payloads) {
  std::string frames;
  while (!payloads.empty()) {
    const std::string_view payload = payloads.substr(1, static_cast<unsigned char>(payloads[0]));
    frames += banter::test::client_frame(1 + payload.size() % 2, payload, {.reserved = 0x40});
    payloads.remove_prefix(1 + payload.size());
  }
  return frames;
}

void check_events(const Outcome& outcome, const Limits& limits) {
  for (const Event& event : outcome.events) {
    if (event.kind != Incoming::Kind::message) continue;
    require(event.payload.size() <= limits.max_message);
    require(event.message_kind == banter::MessageKind::binary || banter::base::is_valid_utf8(event.payload));
  }
}

void check_cuts(std::string_view stream, const DeflateAgreement& agreement, const Limits& limits,
                const std::uint8_t* choice) {
  Peer whole(agreement, limits), cut(agreement, limits);
  whole.read(stream);
  check_events(whole.outcome, limits);
  std::minstd_rand cuts(choice[0] | choice[1] << 8 | choice[2] << 16);
  for (std::size_t at = 0; at < stream.size() && !cut.outcome.error;) {
    const std::string_view piece = stream.substr(at, 1 + cuts() % (choice[3] + 1U));
    cut.read(piece);
    at += piece.size();
  }
  require(cut.outcome == whole.outcome);
}

void check_round_trip(std::string_view bytes, int window_bits) {
  banter::base::Deflater deflater({.window_bits = window_bits});
  banter::base::Inflater inflater(window_bits);
  for (const std::string_view message : {bytes, bytes.substr(bytes.size() / 2), bytes}) {
    std::string compressed, inflated;
    deflater.append(compressed, message);
    require(inflater.append(inflated, compressed, message.size()) == banter::base::InflateResult::ok);
    require(inflated == message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  const Limits limits{.max_message = (data[0] & 1) != 0 ? 1'000'000U : 100U};
  const DeflateAgreement agreement{
      .client_window_bits = static_cast<std::uint8_t>((data[0] & 2) != 0 ? 8 : 15),
      .client_keeps_context = (data[0] & 4) != 0};
  const std::string_view rest(reinterpret_cast<const char*>(data) + 5, size - 5);
  const std::string stream = (data[0] & 8) != 0 ? std::string(rest) : framed(rest);
  check_cuts(stream, agreement, limits, data + 1);
  check_round_trip(rest, 9 + data[0] % 7);
  return 0;
}
