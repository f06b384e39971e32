// Names of namespaces, by a regular expression.
#pragma once

#include <string>

namespace banter {

// Stands for every name in which it is found, as with test() in JavaScript: anchor it, as in
// "^/room-[0-9]+$". ECMAScript's grammar without back-references and what came after its third edition; looks
// at bytes.
struct Pattern {
  std::string ecmascript;
};

}  // namespace banter
