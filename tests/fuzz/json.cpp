// JSON text: nothing may crash on it, all of our readers must agree on it, and nlohmann's parser with them.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/placeholders.h"
#include "tests/base/json_differential.h"

namespace {

using namespace banter;

void require(bool holds) {
  if (!holds) std::abort();
}

// Every type a handler may ask for, from every argument: fits or does not, and never more than that.
void decode_as_everything(const Args& args) {
  for (std::size_t i = 0; i <= args.size(); ++i) {
    const auto integer = args.get<std::int64_t>(i);
    const auto number = args.get<double>(i);
    require(!integer || (number && *number == static_cast<double>(*integer)));
    const auto narrow = args.get<std::int16_t>(i);
    require(!narrow || integer == *narrow);
    const auto text = args.get<std::string>(i);
    require(!text || base::is_valid_utf8(*text) || !base::is_valid_utf8(args.raw(i)));
    (void)args.get<bool>(i);
    (void)args.get<Bytes>(i);
    (void)args.get<std::optional<std::uint32_t>>(i);
    (void)args.get<std::vector<std::string>>(i);
    (void)args.get<std::vector<std::vector<double>>>(i);
    (void)args.get<std::map<std::string, Bytes>>(i);
    (void)args.get<std::map<std::string, json>>(i);
  }
}

// Reads one packet's data with attachments; what is sent on must be read the same.
void check_arguments(std::string_view text, const std::vector<Bytes>& attachments) {
  std::vector<std::string_view> elements;
  if (!base::split_array(text, elements)) return;
  const Args args(elements, attachments);
  decode_as_everything(args);
  decode_as_everything(Args(elements, {}, BinaryForm::base64));

  const json value = args.to_json();
  const bool is_sound = base::check_placeholders(text, attachments);
  require(!is_sound || value.is_array());
  if (!is_sound) return;

  std::string forwarded = "[";
  Encoder encoder(forwarded);
  encode_arguments(encoder, args);
  forwarded += ']';
  std::vector<std::string_view> again;
  require(base::split_array(forwarded, again));
  require(again.size() == elements.size());
  require(Args(again, encoder.attachments()).to_json() == value || !encoder.attachments().size());
  std::string native;
  base::append_with_base64(native, forwarded, encoder.placeholders(), encoder.attachments());
  require(base::is_json(native));
}

void check_object(std::string_view text) {
  std::vector<base::RawMember> members;
  if (!base::split_object(text, members)) return;
  require(base::is_json(text));
  for (const auto& [key, value] : members)
    require(base::is_json(key) && base::is_json(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  require(tests::difference(text).empty());
  if (base::is_valid_utf8(text)) {
    if (const auto value = tests::ours(text)) require(tests::round_trip_difference(*value).empty());
  }
  check_object(text);
  check_arguments(text, {});
  check_arguments(text, {Bytes("zero"), Bytes(""), Bytes("two")});
  return 0;
}
