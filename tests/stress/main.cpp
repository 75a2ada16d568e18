#include <CLI/CLI.hpp>

#include "chaos.h"
#include "cycles.h"
#include "forks.h"
#include "mixed/bounded.h"
#include "mixed/mixed.h"
#include "mixed/recalls.h"
#include "ring/rounds.h"
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

  stress::RoundsOptions rounds;
  CLI::App* const rounds_word = app.add_subcommand("cluster", "what happens to nodes and networks");
  // What is said beside it stands.
  rounds_word
      ->add_flag_callback(
          "--long", [&] { rounds.lengthen(); }, "more of everything")
      ->trigger_on_parse();
  rounds_word->add_option("--only", rounds.only, "crash, leave, silence, restart, slow, cut, ...");
  rounds_word->add_option("--crashes", rounds.crashes, "how many");
  rounds_word->add_option("--leaves", rounds.leaves, "how many");
  rounds_word->add_option("--silences", rounds.silences, "how many");
  rounds_word->add_option("--restarts", rounds.restarts, "of all nodes");
  rounds_word->add_option("--slow-seconds", rounds.slow_seconds, "with a fifth of a processor");
  rounds_word->add_option("--slow-period-ms", rounds.slow_period_ms, "of its stops");
  rounds_word->add_option("--cuts", rounds.cuts, "one way, between two of five");
  rounds_word->add_option("--partitions", rounds.partitions, "two nodes from three");
  rounds_word->add_option("--seed", rounds.seed, "of who is hit");

  stress::MixedOptions mixed;
  CLI::App* const mixed_word = app.add_subcommand("mixed", "reads and writes, faults, a history");
  mixed_word
      ->add_flag_callback(
          "--long", [&] { mixed.lengthen(); }, "more of everything")
      ->trigger_on_parse();
  mixed_word->add_option("--faults", mixed.faults, "how many");
  mixed_word->add_option("--seed", mixed.seed, "of what goes wrong");
  mixed_word->add_option("--rate", mixed.rate, "calls of each of twenty threads in a second");
  mixed_word->add_option("--only", mixed.only, "cut,partition,loss,stop,kill,...");
  mixed_word->add_option("--mirror", mixed.mirror, "off, hot, all");
  mixed_word->add_option("--partition", mixed.partition, "serve, bounded")
      ->check(CLI::IsMember({"serve", "bounded"}));
  mixed_word->add_option("--mutate", mixed.mutate, "a fault put into the library, to be noticed");

  stress::RecallsOptions recalls;
  CLI::App* const recalls_word = app.add_subcommand("recalls", "1 % of recalls never arrive");
  recalls_word->add_option("--trials", recalls.trials, "writes of keys that others were lent");
  recalls_word->add_option("--seed", recalls.seed, "of who reads and writes what");
  recalls_word->add_option("--mirror", recalls.mirror, "hot, all");
  recalls_word->add_option("--mutate", recalls.mutate, "a fault put in as well, to be noticed");

  stress::BoundedOptions bounded;
  CLI::App* const bounded_word = app.add_subcommand("bounded", "two of five are cut off");
  bounded_word->add_option("--keys", bounded.keys, "that the others delete");
  bounded_word->add_option("--mutate", bounded.mutate, "a guard taken out, to be noticed");

  stress::SoakOptions soak;
  CLI::App* const soak_word = app.add_subcommand("soak", "three processes under load, for long");
  soak_word->add_option("--seconds", soak.seconds, "for how long");

  CLI11_PARSE(app, argc, argv);
  bool passed = false;
  if (*cycles_word) passed = run_cycles(cycles);
  if (*forks_word) passed = run_forks(forks);
  if (*chaos_word) passed = run_chaos(chaos);
  if (*rounds_word) passed = run_rounds(rounds);
  if (*mixed_word) passed = run_mixed(mixed);
  if (*recalls_word) passed = run_recalls(recalls);
  if (*bounded_word) passed = run_bounded(bounded);
  if (*soak_word) passed = run_soak(soak);
  return passed ? 0 : 1;
}
