// Which content coding a client takes (RFC 9110 section 12.5.3).
#pragma once

#include <cstdint>
#include <string_view>

#include "http/request.h"

namespace banter::http {

enum class ContentCoding : std::uint8_t { identity, gzip, deflate };

// As in Content-Encoding: "gzip".
[[nodiscard]] std::string_view name_of(ContentCoding coding) noexcept;

// True if Accept-Encoding names `coding` ("gzip", "br"), or `*` where it does not, with a quality above zero.
[[nodiscard]] bool accepts_coding(const Request& request, std::string_view coding);

// The one of gzip and deflate that the client gives the higher quality, gzip where they are equal; identity
// if it takes neither, or names identity with a higher one.
[[nodiscard]] ContentCoding choose_coding(const Request& request);

}  // namespace banter::http
