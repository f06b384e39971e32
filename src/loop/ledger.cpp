#include "loop/ledger.h"

#include <utility>

namespace banter::loop {

void Account::open(Ledger& ledger) {
  if (ledger_) return;
  ledger_ = &ledger;
  place_ = ledger.accounts_.size();
  ledger.accounts_.push_back(this);
}

void Account::close() noexcept {
  if (!ledger_) return;
  std::vector<Account*>& accounts = std::exchange(ledger_, nullptr)->accounts_;
  accounts.back()->place_ = place_;
  accounts[place_] = accounts.back();
  accounts.pop_back();
}

bool Ledger::relieve() {
  if (!is_spent()) return false;
  Account* largest = nullptr;
  std::size_t most = 0;
  for (Account* account : accounts_) {
    const std::size_t owed = account->owed_(account->owner_);
    if (owed <= most) continue;
    most = owed;
    largest = account;
  }
  if (!largest) return false;
  largest->close();  // chosen once
  largest->end_(largest->owner_);
  return true;
}

}  // namespace banter::loop
