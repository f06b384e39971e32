#include "websocket/extensions.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "websocket/extension_reader.h"

namespace banter::websocket {

namespace {

constexpr int largest_window = 15;
constexpr int smallest_own_window = 9;  // zlib cannot make raw DEFLATE for a window of 256 bytes

// One offer of permessage-deflate.
struct Offer {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  bool has_client_window_value = false;
  std::optional<int> server_max_window_bits;
  std::optional<int> client_max_window_bits;  // largest_window if it was offered without a value
};

// RFC 7692 section 7.1.2: 8 to 15, without leading zero.
std::optional<int> read_window_bits(std::string_view value) noexcept {
  constexpr std::string_view all[] = {"8", "9", "10", "11", "12", "13", "14", "15"};
  const auto* const found = std::find(std::begin(all), std::end(all), value);
  if (found == std::end(all)) return std::nullopt;
  return static_cast<int>(8 + (found - std::begin(all)));
}

// Sets what was not set before; false if it was, or if `value` is none.
bool set_once(std::optional<int>& bits, std::optional<int> value) noexcept {
  return value && !std::exchange(bits, value);
}
bool set_once(bool& flag) noexcept {
  return !std::exchange(flag, true);
}

// False if the offer has to be declined because of this parameter: it is unknown, given twice, or has a value
// that it may not have (RFC 7692 section 7.1). Names are compared with case.
bool add_parameter(Offer& offer, const ExtensionParameter& parameter) {
  const std::optional<std::string>& value = parameter.value;
  if (parameter.name == "server_no_context_takeover") {
    return !value && set_once(offer.server_no_context_takeover);
  }
  if (parameter.name == "client_no_context_takeover") {
    return !value && set_once(offer.client_no_context_takeover);
  }
  if (parameter.name == "server_max_window_bits") {
    return value && set_once(offer.server_max_window_bits, read_window_bits(*value));
  }
  if (parameter.name == "client_max_window_bits") {
    offer.has_client_window_value = value.has_value();
    return set_once(offer.client_max_window_bits, value ? read_window_bits(*value) : largest_window);
  }
  return false;
}

// Reads to the end of the extension, whatever it is: what follows is to be read as well.
std::optional<Offer> read_offer(std::string_view name, ExtensionReader& reader) {
  Offer offer;
  bool is_good = name == "permessage-deflate";
  while (const auto parameter = reader.next_parameter())
    is_good = is_good && add_parameter(offer, *parameter);
  return is_good ? std::optional(offer) : std::nullopt;
}

std::string words_for(const DeflateAgreement& agreement, const Offer& offer) {
  std::string words = "permessage-deflate";
  if (!agreement.server_keeps_context) words += "; server_no_context_takeover";
  if (!agreement.client_keeps_context) words += "; client_no_context_takeover";
  if (offer.server_max_window_bits) {
    words += "; server_max_window_bits=" + std::to_string(agreement.server_window_bits);
  }
  // May be answered only if it was offered (RFC 7692 section 7.1.2.2).
  if (offer.has_client_window_value || agreement.client_window_bits < largest_window) {
    words += "; client_max_window_bits=" + std::to_string(agreement.client_window_bits);
  }
  return words;
}

std::optional<DeflateAnswer> accept(const Offer& offer, const DeflateSettings& settings) {
  const int server_bits =
      std::min(settings.window_bits, offer.server_max_window_bits.value_or(largest_window));
  if (server_bits < smallest_own_window) return std::nullopt;
  const int client_bits = offer.client_max_window_bits
                              ? std::min(settings.window_bits, *offer.client_max_window_bits)
                              : largest_window;
  const DeflateAgreement agreement{
      .server_window_bits = static_cast<std::uint8_t>(server_bits),
      .client_window_bits = static_cast<std::uint8_t>(client_bits),
      .server_keeps_context = settings.context_takeover && !offer.server_no_context_takeover,
      .client_keeps_context = settings.context_takeover && !offer.client_no_context_takeover,
  };
  return DeflateAnswer{agreement, words_for(agreement, offer)};
}

}  // namespace

std::optional<DeflateAnswer> negotiate_deflate(std::span<const Field> fields,
                                               const DeflateSettings& settings) {
  std::optional<DeflateAnswer> answer;
  for (const Field& field : fields) {
    if (!equal_ignoring_case(field.name, "Sec-WebSocket-Extensions")) continue;
    ExtensionReader reader(field.value);
    while (const auto name = reader.next_extension()) {
      const std::optional<Offer> offer = read_offer(*name, reader);
      if (offer && !answer && !reader.has_failed()) answer = accept(*offer, settings);
    }
    if (reader.has_failed()) return std::nullopt;
  }
  return answer;
}

}  // namespace banter::websocket
