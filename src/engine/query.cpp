#include "engine/query.h"

#include <utility>

#include "http/query.h"

namespace banter::engine {

Query::Query(std::string_view query) {
  for (http::QueryParameter& parameter : http::parse_query(query)) {
    if (parameter.name == "transport") transport = std::move(parameter.value);
    if (parameter.name == "sid") sid = std::move(parameter.value);
    if (parameter.name == "EIO") revision = std::move(parameter.value);
    if (parameter.name == "b64") wants_base64 = parameter.value == "1";
    if (parameter.name == "j") wants_jsonp = true;
  }
}

}  // namespace banter::engine
