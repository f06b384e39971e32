// Percent-encoding and query strings, as URLs carry them. Nothing here fails: what is not an escape stands
// for itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banter::http {

enum class Plus {
  is_plus,   // in a path
  is_blank,  // in a query
};

// `%41` becomes `A`; a broken escape (`%zz`, a lone `%`) is kept as it is.
[[nodiscard]] std::string percent_decode(std::string_view text, Plus plus);

struct QueryParameter {
  std::string name;
  std::string value;
  bool operator==(const QueryParameter&) const = default;
};

// The parameters of `query` (without its `?`), decoded, in order and with repeated names; empty parts are
// skipped.
[[nodiscard]] std::vector<QueryParameter> parse_query(std::string_view query);

// The decoded value of the last parameter called `name`.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace banter::http
