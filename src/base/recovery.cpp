#include "banter/recovery.h"

namespace banter {

std::string_view to_text(RecoveryFailure failure) noexcept {
  switch (failure) {
    case RecoveryFailure::none: return "none";
    case RecoveryFailure::not_asked: return "not asked";
    case RecoveryFailure::no_offset: return "no offset";
    case RecoveryFailure::bad_request: return "bad request";
    case RecoveryFailure::unknown_session: return "unknown session";
    case RecoveryFailure::expired: return "expired";
    case RecoveryFailure::offset_gone: return "offset gone";
    case RecoveryFailure::too_much: return "too much";
  }
  return "";
}

}  // namespace banter
