// The process's budget as connections of a loop spend it.
#include "loop/ledger.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "support.h"

using namespace banter::loop;
using namespace banter::loop::test;
using banter::SendResult;
using banter::base::Budget;
using banter::base::SharedBytes;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

struct Debtor {
  Debtor(Ledger& ledger, std::size_t bytes) : owed(bytes) { account.open(ledger); }
  [[nodiscard]] std::size_t bytes() const noexcept { return owed; }
  void end() { is_ended = true; }

  std::size_t owed;
  bool is_ended = false;
  Account account{*this, Account::Calls<&Debtor::bytes, &Debtor::end>{}};
};

// Connections that read nothing, on a loop with a budget.
struct Crowd {
  explicit Crowd(std::size_t budget_size,
                 Settings settings = {.high_water = 8 * mebibyte, .max_queue = 64 * mebibyte})
      : budget(std::make_shared<Budget>(budget_size)), harness(settings) {
    harness.loop.set_budget(budget);
  }
  Recorder& add() {
    peers.push_back(std::make_unique<Peer>(harness.port(), slow_reader));
    recorders.push_back(harness.accept());
    return *recorders.back();
  }
  ~Crowd() { recorders.clear(); }

  std::shared_ptr<Budget> budget;
  Harness harness;
  std::vector<std::unique_ptr<Peer>> peers;
  std::vector<std::unique_ptr<Recorder>> recorders;
};

}  // namespace

TEST_SUITE("ledger") {
  TEST_CASE("while the budget is spent the largest is ended, one a time") {
    Budget budget(100);
    Ledger ledger;
    ledger.set_budget(&budget);
    Debtor small(ledger, 10);
    Debtor large(ledger, 30);
    Debtor middle(ledger, 20);
    CHECK_FALSE(ledger.relieve());
    budget.charge(101);
    CHECK(ledger.relieve());
    CHECK(large.is_ended);
    CHECK_FALSE(middle.is_ended);
    CHECK(ledger.relieve());
    CHECK(middle.is_ended);
    CHECK_FALSE(small.is_ended);
    budget.release(1);
    CHECK_FALSE(ledger.relieve());
  }

  TEST_CASE("an account that is closed, or gone, is not chosen") {
    Budget budget(0);
    Ledger ledger;
    ledger.set_budget(&budget);
    budget.charge(1);
    Debtor closed(ledger, 30);
    closed.account.close();
    { const Debtor gone(ledger, 20); }
    CHECK_FALSE(ledger.relieve());
    CHECK_FALSE(closed.is_ended);
  }

  TEST_CASE("without a budget nobody is ended") {
    Ledger ledger;
    const Debtor debtor(ledger, 10);
    CHECK_FALSE(ledger.relieve());
  }

  TEST_CASE("what the kernel takes at once is not charged") {
    Crowd crowd(mebibyte);
    Recorder& recorder = crowd.add();
    recorder.stream->write("hello");
    CHECK(crowd.budget->used() == 0);
    crowd.harness.run_turns(3);
    CHECK(crowd.budget->used() == 0);
  }

  TEST_CASE("what is left over is charged until it is taken or the stream goes") {
    Crowd crowd(64 * mebibyte);
    Recorder& recorder = crowd.add();
    recorder.stream->write(std::string(6 * mebibyte, 'x'));
    crowd.harness.run_turns(3);
    REQUIRE(recorder.stream->has_left_over());
    recorder.stream->write(std::string(mebibyte, 'x'));
    CHECK(crowd.budget->used() >= recorder.stream->buffered());
    SUBCASE("taken") {
      crowd.harness.run_until([&] {
        crowd.peers[0]->read();
        return recorder.stream->buffered() == 0;
      });
    }
    SUBCASE("gone") {
      recorder.stream.reset();
    }
    CHECK(crowd.budget->used() == 0);
  }

  TEST_CASE("bytes that many slow streams share count once") {
    Crowd crowd(64 * mebibyte);
    const SharedBytes shared = SharedBytes::take(std::string(6 * mebibyte, 'x'));
    const Piece piece{shared.view(), &shared};
    for (int i = 0; i < 5; ++i)
      crowd.add().stream->write(std::span(&piece, 1));
    crowd.harness.run_turns(5);
    for (const auto& recorder : crowd.recorders)
      REQUIRE(recorder->stream->has_left_over());
    CHECK(crowd.budget->used() == shared.view().size());
    crowd.recorders.clear();
    crowd.harness.run_turns(5);
    CHECK(crowd.budget->used() == 0);
  }

  TEST_CASE("while it is spent the stream with the most left over ends, and the others go on") {
    Crowd crowd(14 * mebibyte);
    Recorder& small = crowd.add();
    Recorder& large = crowd.add();
    Recorder& middle = crowd.add();
    small.stream->write(std::string(4 * mebibyte, 'x'));
    large.stream->write(std::string(8 * mebibyte, 'x'));
    middle.stream->write(std::string(5 * mebibyte, 'x'));
    large.when_end = [&] { large.stream.reset(); };
    crowd.harness.run_until([&] { return large.ends > 0; });
    CHECK(large.error == Error::over_budget);
    crowd.harness.run_turns(10);
    CHECK_FALSE(crowd.budget->is_spent());
    CHECK(small.ends + middle.ends == 0);
  }

  TEST_CASE("while it is spent no stream gets above high_water") {
    Crowd crowd(2 * mebibyte, {.high_water = mebibyte, .max_queue = 64 * mebibyte});
    Recorder& recorder = crowd.add();
    crowd.budget->charge(3 * mebibyte);  // by somebody else
    SendResult result = SendResult::sent;
    std::size_t most = 0;
    while (result != SendResult::dropped) {
      result = recorder.stream->write(std::string(100'000, 'x'));
      most = std::max(most, recorder.stream->buffered());
      REQUIRE(most <= mebibyte);
    }
    crowd.harness.run_until([&] { return recorder.ends > 0; });
    CHECK(recorder.error == Error::over_budget);
    crowd.budget->release(3 * mebibyte);
  }
}
