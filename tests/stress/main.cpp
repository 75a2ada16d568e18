#include <CLI/CLI.hpp>

#include "chaos.h"
#include "cycles.h"
#include "forks.h"
#include "soak.h"

// stress WORD: the library under hard use. See README.md.
int main(int argc, char** argv) {
  CLI::App app("libdistcache under hard use; ends with one line of figures");
  app.require_subcommand(1);

  stress::CyclesOptions cycles;
  CLI::App* const cycles_word = app.add_subcommand("cycles", "open, work, close at any moment");
  cycles_word->add_option("--count", cycles.count, "how many");
  cycles_word->add_option("--first", cycles.first, "seed of the first one");
  cycles_word->add_option("--threads", cycles.threads, "so many at once");

  stress::ForksOptions forks;
  CLI::App* const forks_word = app.add_subcommand("forks", "forks under load");
  forks_word->add_option("--count", forks.count, "how many");
  forks_word->add_option("--seed", forks.seed, "of the parent's calls");

  stress::ChaosOptions chaos;
  CLI::App* const chaos_word = app.add_subcommand("chaos", "kill -9 of one of three under load");
  chaos_word->add_option("--kills", chaos.kills, "how many");
  chaos_word->add_option("--seed", chaos.seed, "of who is killed");

  stress::SoakOptions soak;
  CLI::App* const soak_word = app.add_subcommand("soak", "three processes under load, for long");
  soak_word->add_option("--seconds", soak.seconds, "for how long");

  CLI11_PARSE(app, argc, argv);
  bool passed = false;
  if (*cycles_word) passed = run_cycles(cycles);
  if (*forks_word) passed = run_forks(forks);
  if (*chaos_word) passed = run_chaos(chaos);
  if (*soak_word) passed = run_soak(soak);
  return passed ? 0 : 1;
}
