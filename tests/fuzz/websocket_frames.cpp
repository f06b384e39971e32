// A stream of frames gives the same messages and the same error however it is cut; text is UTF-8, and what is
// held is no more than what has come.
//
// Input: a byte that chooses the limits, four that choose the cuts, then the stream.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string_view>

#include "base/utf8.h"
#include "tests/websocket/read_all.h"
#include "websocket/message_reader.h"

namespace {

using banter::test::Event;
using banter::test::Outcome;
using banter::websocket::Incoming;
using banter::websocket::Limits;
using banter::websocket::MessageReader;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Event& event, const Limits& limits) {
  switch (event.kind) {
    case Incoming::Kind::nothing: return require(false);
    case Incoming::Kind::message:
      require(event.payload.size() <= limits.max_message);
      return require(event.message_kind == banter::MessageKind::binary ||
                     banter::base::is_valid_utf8(event.payload));
    case Incoming::Kind::close:
      require(event.payload.size() <= 123 && banter::base::is_valid_utf8(event.payload));
      return require(event.close_code == banter::websocket::CloseCode::no_status ||
                     is_allowed_on_wire(event.close_code));
    default: return require(event.payload.size() <= 125);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  const Limits limits{.max_message = (data[0] & 1) != 0 ? 1'000'000U : 100U,
                      .max_fragments = (data[0] & 2) != 0 ? 1'000U : 4U};
  std::minstd_rand cuts(data[1] | data[2] << 8 | data[3] << 16);
  const std::size_t longest = data[4] + 1U;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 5, size - 5);

  const Outcome whole = banter::test::read_all(stream, limits);
  for (const Event& event : whole.events)
    check(event, limits);

  MessageReader reader(limits);
  Outcome cut;
  for (std::size_t at = 0; at < stream.size() && !cut.error;) {
    const std::string_view piece = stream.substr(at, 1 + cuts() % longest);
    banter::test::read_piece(reader, piece, cut);
    at += piece.size();
    require(reader.held() <= 2 * at + 64);
  }
  require(cut == whole);
  return 0;
}
