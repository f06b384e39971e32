// What the connections of one loop cost the process's budget, and which of them goes when that is spent.
#pragma once

#include <cstddef>
#include <vector>

#include "base/budget.h"

namespace banter::loop {

class Ledger;

// What is kept for one connection at one place: its output, a packet that is still arriving. Embedded in its
// owner; neither copied nor moved. All on the loop's thread.
class Account {
 public:
  template <auto owed, auto end>
  struct Calls {};

  // `Account account_{*this, Account::Calls<&Stream::buffered, &Stream::end_for_budget>{}};`
  // `owed` tells the bytes that would be gained by ending the owner. `end` ends its connection because the
  // budget is spent; it may destroy the account.
  template <class Owner, auto owed, auto end>
  Account(Owner& owner, Calls<owed, end>) noexcept
      : owner_(&owner),
        owed_([](const void* object) -> std::size_t { return (static_cast<const Owner*>(object)->*owed)(); }),
        end_([](void* object) { (static_cast<Owner*>(object)->*end)(); }) {}
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;
  ~Account() { close(); }

  // From now on it may be chosen; without effect if it is open.
  void open(Ledger& ledger);
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return ledger_ != nullptr; }

 private:
  friend class Ledger;

  void* owner_;
  std::size_t (*owed_)(const void*);
  void (*end_)(void*);
  Ledger* ledger_ = nullptr;
  std::size_t place_ = 0;
};

// The open accounts of one loop.
class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Null: nothing is limited. It outlives the ledger.
  void set_budget(base::Budget* budget) noexcept { budget_ = budget; }
  [[nodiscard]] base::Budget* budget() const noexcept { return budget_; }
  [[nodiscard]] bool is_spent() const noexcept { return budget_ && budget_->is_spent(); }

  // While the budget is spent: ends the owner of the account with the most bytes. Answers whether there was
  // one.
  bool relieve();

 private:
  friend class Account;
  base::Budget* budget_ = nullptr;
  std::vector<Account*> accounts_;
};

// Bytes of which the owner alone has to tell how many there are: charged, and an account while there are any.
class Kept {
 public:
  template <auto end>
  struct Calls {};

  // `Kept kept_{loop.ledger(), *this, Kept::Calls<&Client::end_for_budget>{}};` `end` as Account's.
  template <class Owner, auto end>
  Kept(Ledger& ledger, Owner& owner, Calls<end>) noexcept
      : ledger_(ledger),
        charge_(ledger.budget()),
        owner_(&owner),
        end_([](void* object) { (static_cast<Owner*>(object)->*end)(); }) {}

  void resize(std::size_t bytes) {
    charge_.resize(bytes);
    bytes > 0 ? account_.open(ledger_) : account_.close();
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return charge_.bytes(); }

 private:
  void end_owner() { end_(owner_); }

  Ledger& ledger_;
  base::Charge charge_;
  void* owner_;
  void (*end_)(void*);
  Account account_{*this, Account::Calls<&Kept::bytes, &Kept::end_owner>{}};
};

}  // namespace banter::loop
