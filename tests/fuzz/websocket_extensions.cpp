// Whatever a client offers, the answer keeps to RFC 7692 section 7.1, and is one that the offer allows.
//
// Input: a byte that chooses the settings, then header lines, each ended by LF.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "websocket/extension_reader.h"
#include "websocket/extensions.h"

namespace {

using namespace banter::websocket;

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<Field> fields_of(std::string_view text) {
  std::vector<Field> fields;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    fields.push_back({"Sec-WebSocket-Extensions", line});
  }
  return fields;
}

void check(const DeflateAnswer& answer, const DeflateSettings& settings) {
  const DeflateAgreement& agreement = answer.agreement;
  require(agreement.server_window_bits >= 9 && agreement.server_window_bits <= settings.window_bits);
  require(agreement.client_window_bits >= 8 && agreement.client_window_bits <= 15);
  require(settings.context_takeover || !(agreement.server_keeps_context || agreement.client_keeps_context));

  // What we answer is well-formed, and as an offer it would lead to the same agreement.
  const Field field{"Sec-WebSocket-Extensions", answer.extensions};
  const std::optional<DeflateAnswer> again = negotiate_deflate({&field, 1}, settings);
  require(again && again->agreement == agreement && again->extensions == answer.extensions);
}

// The reader comes to the end of everything, and its views lie in the value.
void check_reader(std::string_view value) {
  ExtensionReader reader(value);
  std::size_t characters = 0;
  while (const auto name = reader.next_extension()) {
    require(!name->empty());
    characters += name->size();
    while (const auto parameter = reader.next_parameter())
      characters += parameter->name.size() + 1 + (parameter->value ? parameter->value->size() : 0);
  }
  require(characters <= value.size());
  require(!reader.next_extension() && !reader.next_parameter());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const DeflateSettings settings{.window_bits = 9 + data[0] % 7, .context_takeover = (data[0] & 0x80) != 0};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<Field> fields = fields_of(text);
  for (const Field& field : fields)
    check_reader(field.value);
  const std::optional<DeflateAnswer> answer = negotiate_deflate(fields, settings);
  if (answer) check(*answer, settings);
  return 0;
}
