// json: the value of the API for arguments without a type of their own.
//
// A `json::binary` inside a json is an attachment, both ways. So is a member of type Bytes of a struct with
// to_json and from_json.
#pragma once

#include <nlohmann/json.hpp>

#include "banter/bytes.h"
#include "banter/export.h"

namespace banter {

using json = nlohmann::json;

// Bytes inside a json. `from_json` throws nlohmann's type_error if `value` is neither binary nor, as plain
// JSON events carry bytes, a base64 string.
BANTER_API void to_json(json& value, const Bytes& bytes);
BANTER_API void from_json(const json& value, Bytes& bytes);

}  // namespace banter
