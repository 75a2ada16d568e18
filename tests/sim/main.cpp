#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

#include "mutants.h"
#include "regressions.h"
#include "session.h"

// sim: the engine's nodes in simulated clusters, each from a seed. See README.md.
namespace distcache::sim {
namespace {

// A completion that never comes, and an invariant that does not hold: whoever does not find these
// two within 1000 seeds finds nothing.
constexpr const char* kCanaries[] = {"drop_completion", "no_fence"};
constexpr uint64_t kCanarySeeds = 1000;

// How a mutant is looked for.
enum class By : uint8_t { known, fresh, all };

// A seed that was known before there were put_if and refresh is what it was without them.
void leave_out_others(Options& options) {
  options.without.insert(options.without.end(), {"put_ifs", "refreshes"});
}

bool is_found(const Mutant& mutant, Options options, By by) {
  if (!mutant.mirrors) options.without.emplace_back("mirrors");
  options.loaders = mutant.loaders;
  options.partition = mutant.bounded ? Plan::Partition::bounded : Plan::Partition::serve;
  Options known = options;
  known.first = mutant.seed;
  known.seeds = 1;
  if (!mutant.others) leave_out_others(known);
  switch (by) {
    case By::all:
      return Session(options).count(mutant) > 0;
    case By::known:
      if (Session(known).finds(mutant)) return true;
      [[fallthrough]];
    case By::fresh:
      break;
  }
  return Session(options).finds(mutant);
}

int mutate(const Options& options, const std::string& which, By by) {
  size_t found = 0, tried = 0;
  for (const Mutant& mutant : mutants()) {
    if (which != "all" && which != mutant.name) continue;
    ++tried;
    found += is_found(mutant, options, by) ? 1 : 0;
  }
  std::printf("sim: %zu of %zu mutations found, within %lu seeds\n", found, tried, options.seeds);
  return found == tried && tried > 0 ? 0 : 1;
}

bool finds_canaries(Options options) {
  options.first = 1;
  options.seeds = kCanarySeeds;
  return std::all_of(std::begin(kCanaries), std::end(kCanaries), [&options](const char* name) {
    return mutate(options, name, By::fresh) == 0;
  });
}

bool regressions_hold(const Options& options) {
  uint64_t back = 0;
  for (const Regression& regression : regressions()) {
    Options one = options;
    one.without = CLI::detail::split(regression.without, ',');
    one.partition = regression.partition;
    leave_out_others(one);
    if (!Session(one).holds(regression.name, regression.seed)) ++back;
  }
  std::printf("%zu of %zu regressions hold\n", regressions().size() - back, regressions().size());
  return back == 0;
}

bool seeds_hold(const Options& options) {
  Session session(options);
  const uint64_t broken = session.all();
  session.summary();
  return broken == 0;
}

int main_of(int argc, char** argv, bool& has_mutated) {
  CLI::App app("The engine's nodes in simulated clusters, each a function of its seed");
  Options options;
  options.jobs = std::max(std::thread::hardware_concurrency(), 1U);
  std::string nodes, which, without;
  bool canaries = false, regressed = false;
  By by = By::known;
  app.add_option("--seeds", options.seeds, "how many");
  app.add_option("--first", options.first, "the first one");
  app.add_option("--nodes", nodes, "how many nodes, as in 5 or 3-9");
  app.add_option("--rate", options.rate, "operations per simulated second; else as the seed says");
  app.add_option("--jobs", options.jobs, "threads; all processors without it");
  app.add_option("--minutes", options.minutes, "goes on to more seeds until so much time is over");
  app.add_option("--without", without, "faults that no seed has, with commas");
  const std::map<std::string, Plan::Partition> partitions = {{"serve", Plan::Partition::serve},
                                                             {"mixed", Plan::Partition::mixed},
                                                             {"bounded", Plan::Partition::bounded}};
  app.add_option(
         "--partition", options.partition,
         "which keyspaces have partition = bounded: none (serve), some (mixed), all (bounded)")
      ->transform(CLI::CheckedTransformer(partitions));
  app.add_flag("--conditional", options.conditional, "most puts are put_if");
  app.add_flag("--loaders", options.loaders,
               "gets bring loaders, which in some keyspaces nobody can do without");
  app.add_flag("--recalls", options.recalls, "only one recall in a hundred is lost: P2");
  app.add_flag("--verbose", options.verbose, "a line for each seed");
  app.add_flag("--trace", options.trace, "everything that happens");
  app.add_flag("--keep-going", options.keep_going, "do not stop after 10 broken seeds");
  app.add_flag("--canaries", canaries, "first shows that it finds two faults put into the core");
  app.add_flag("--regressions", regressed, "first the seeds that were broken once");
  app.add_option(
      "--mutate", which,
      "a fault to put into the core, or all of them in turn: succeeds if it is found, by "
      "the seed that is known to find it or by others");
  app.add_flag_callback(
      "--fresh", [&by] { by = By::fresh; }, "not by the seed that is known");
  app.add_flag_callback(
      "--count", [&by] { by = By::all; }, "by how many of the seeds");
  CLI11_PARSE(app, argc, argv);
  if (!nodes.empty() &&
      std::sscanf(nodes.c_str(), "%u-%u", &options.nodes_min, &options.nodes_max) == 1) {
    options.nodes_max = options.nodes_min;
  }
  options.without = CLI::detail::split(without, ',');
  if (options.trace) options.jobs = 1;
  has_mutated = canaries || !which.empty();
  if (!which.empty()) return mutate(options, which, by);
  const bool found = !canaries || finds_canaries(options);
  const bool hold = !regressed || regressions_hold(options);
  return seeds_hold(options) && found && hold ? 0 : 1;
}

}  // namespace
}  // namespace distcache::sim

// What a mutation leaks is not the point: the leak sanitizer asks this when the program ends.
static bool has_mutated = false;
extern "C" int __lsan_is_turned_off() { return has_mutated ? 1 : 0; }

int main(int argc, char** argv) { return distcache::sim::main_of(argc, argv, has_mutated); }
