// From checked JSON text to a json value, without nlohmann's parser.
#pragma once

#include "banter/raw_argument.h"

namespace banter::base {

// See detail::decode_json. Linear; the stack it takes does not depend on the text.
[[nodiscard]] bool build_json(const detail::RawArgument& raw, json& out);

}  // namespace banter::base
