#include <CLI/CLI.hpp>

#include "cycles.h"

// stress WORD: the library under hard use. See README.md.
int main(int argc, char** argv) {
  CLI::App app("libdistcache under hard use; ends with one line of figures");
  app.require_subcommand(1);

  stress::CyclesOptions cycles;
  CLI::App* const cycles_word = app.add_subcommand("cycles", "open, work, close at any moment");
  cycles_word->add_option("--count", cycles.count, "how many");
  cycles_word->add_option("--first", cycles.first, "seed of the first one");
  cycles_word->add_option("--threads", cycles.threads, "so many at once");

  CLI11_PARSE(app, argc, argv);
  return run_cycles(cycles) ? 0 : 1;
}
