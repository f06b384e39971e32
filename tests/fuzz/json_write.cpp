// Writing strings and numbers of any bytes: what comes out is JSON, and reads back as what went in.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/base/json_differential.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_string(std::string_view text) {
  std::string written;
  banter::Encoder encoder(written);
  encoder.write_string(text);
  const auto read = banter::tests::theirs(written);  // refuses bad UTF-8
  require(read && read->is_string());
  std::string repaired;
  banter::base::append_lossy(repaired, text);
  require(read->get_ref<const std::string&>() == repaired);
  std::string own;
  require(banter::detail::decode_string(written, own) && own == repaired);
}

void check_number(double value) {
  std::string written;
  banter::Encoder encoder(written);
  encoder.write_double(value);
  double read = 0;
  if (!std::isfinite(value)) return require(written == "null");
  require(banter::base::is_json(written));
  require(banter::detail::decode_double(written, read) && read == value);
  std::int64_t integer = 0;
  const bool is_integer = std::abs(value) < 9e18 && std::trunc(value) == value;
  if (is_integer)
    require(banter::detail::decode_integer(written, integer) && static_cast<double>(integer) == value);
  else
    require(!banter::detail::decode_integer(written, integer));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_string({reinterpret_cast<const char*>(data), size});
  double value = 0;
  for (; size >= sizeof value; data += sizeof value, size -= sizeof value) {
    std::memcpy(&value, data, sizeof value);
    check_number(value);
  }
  return 0;
}
