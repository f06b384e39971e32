// Abandons handshakes by the thousand at every stage, and looks at what the server still has of them: no
// session, no connection, no descriptor, and no memory beyond what a warm-up has left.
//
//   churn [--clients N] [--only TEXT] [--together] [--no-heap]
//
// N at each stage (100,000), after a tenth of it to warm up. --only: the stages whose names contain TEXT.
// --together: all stages at once, not one after the other. --no-heap: without memory, as sanitizers have an
// allocator of their own. Ends with 1 if anything is left.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "churn.h"
#include "failure.h"

namespace {

using namespace churn;

std::size_t parse_clients(std::string_view text) {
  constexpr std::size_t most = 100'000'000;
  std::size_t clients = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), clients);
  if (error != std::errc{} || end != text.data() + text.size() || clients < 1 || clients > most) {
    throw Failure("--clients: '" + std::string(text) + "' is not a number from 1 to 100000000");
  }
  return rounded_up(clients);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int at = 1; at < argc; ++at) {
    const std::string option = argv[at];
    if (option == "--together") {
      options.is_together = true;
    } else if (option == "--no-heap") {
      options.compares_heap = false;
    } else if (option == "--only" && at + 1 < argc) {
      options.only = argv[++at];
    } else if (option == "--clients" && at + 1 < argc) {
      options.clients = parse_clients(argv[++at]);
    } else {
      throw Failure("usage: churn [--clients N] [--only TEXT] [--together] [--no-heap]");
    }
  }
  return options;
}

void print_head() {
  std::printf(
      "| abandoned | clients | sessions opened | given up | sessions left | connections left | "
      "descriptors left | heap growth | time | clean |\n|---|---|---|---|---|---|---|---|---|---|\n");
}

void print(const Row& row, const Options& options) {
  const std::string growth = options.compares_heap ? std::to_string(row.growth()) + " B" : "";
  std::printf("| %s | %zu | %zu | %zu | %zu | %zu | %zu | %s | %.1f s | %s |\n", row.name.c_str(),
              row.clients, row.opened(), row.given_up(), row.after.sessions, row.after.connections,
              row.descriptors_left, growth.c_str(), row.time.count(),
              row.is_clean(options) ? "yes" : "**no**");
  std::fflush(stdout);
}

// What the server keeps in tables grows once in a while, when there are more clients at a time than ever
// before; what leaks grows with every client. So where memory has grown the clients come once more.
bool is_clean_in_the_end(Churn& churn, std::string_view name, std::span<const Stage> stages,
                         const Options& options) {
  constexpr int most_rounds = 3;
  for (int round = 1;; ++round) {
    const Row row = churn.measure(name, stages);
    print(row, options);
    if (row.is_clean(options)) return true;
    if (row.leaves_something() || round == most_rounds) return false;
  }
}

bool run(const Options& options) {
  Churn churn(options);
  bool is_clean = true;
  std::size_t rows = 0;
  const auto take = [&](std::string_view name, std::span<const Stage> chosen) {
    if (name.find(options.only) == std::string_view::npos) return;
    is_clean = is_clean_in_the_end(churn, name, chosen, options) && is_clean;
    ++rows;
  };
  churn.warm_up();
  print_head();
  if (options.is_together) {
    take("at every stage", stages());
  } else {
    for (const Stage& stage : stages())
      take(stage.name, std::span(&stage, 1));
  }
  churn.stop();
  if (rows == 0) throw Failure("--only: no stage contains '" + options.only + "'");
  return is_clean;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv)) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "churn: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
