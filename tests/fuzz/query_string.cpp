// Query strings: the parameters are those parts that are not empty, a value that is looked up is the last of
// its name, and decoding changes escapes alone.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/query.h"

namespace {

using namespace banter::http;

void require(bool holds) {
  if (!holds) std::abort();
}

// Every byte as an escape, so that it decodes to the same text whatever is in it.
std::string encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += "0123456789abcdef"[byte >> 4];
    encoded += "0123456789ABCDEF"[byte & 15];
  }
  return encoded;
}

void check_decoding(std::string_view text) {
  const std::string plain = percent_decode(text, Plus::is_plus);
  std::string blank = percent_decode(text, Plus::is_blank);
  require(plain.size() <= text.size() && plain.size() == blank.size());
  require((text.size() - plain.size()) % 2 == 0);  // an escape gives one byte for three
  for (std::size_t i = 0; i < plain.size(); ++i)
    require(plain[i] == blank[i] || (plain[i] == '+' && blank[i] == ' '));
  if (text.find('%') == std::string_view::npos) require(plain == text);
  require(percent_decode(encode(text), Plus::is_blank) == text);
}

void check_parameters(std::string_view query) {
  const std::vector<QueryParameter> parameters = parse_query(query);
  for (const QueryParameter& wanted : parameters) {
    const auto last = std::find_if(parameters.rbegin(), parameters.rend(),
                                   [&](const QueryParameter& other) { return other.name == wanted.name; });
    require(query_value(query, wanted.name) == last->value);
  }
  std::string again;
  for (const QueryParameter& parameter : parameters)
    again += "&&" + encode(parameter.name) + "=" + encode(parameter.value);
  require(parse_query(again) == parameters);
}

void check_absent_name(std::string_view query) {
  const std::string absent = std::string(query) + "?";  // longer than any name in it
  require(query_value(query, absent) == std::nullopt);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_decoding(text);
  check_parameters(text);
  check_absent_name(text);
  return 0;
}
