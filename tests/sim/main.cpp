#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "core/mutations.h"
#include "run.h"

// sim: the engine's nodes in simulated clusters, each from a seed. See README.md.
namespace distcache::sim {
namespace {

struct Options {
  uint64_t seeds = 20;
  uint64_t first = 1;
  uint32_t nodes_min = 3, nodes_max = 9;
  bool verbose = false, trace = false, keep_going = false, partitions = false;
  std::string mutate;
};

constexpr uint64_t kRepeatEvery = 10;  // so many seeds are run twice, to compare their hashes
constexpr size_t kFailuresMax = 10;    // then it has seen enough

const std::map<std::string, core::Mutation> kMutations = {
    {"no_fence", core::Mutation::no_fence},
    {"late_join", core::Mutation::late_join},
    {"drop_completion", core::Mutation::drop_completion},
    {"store_foreign", core::Mutation::store_foreign},
    {"no_single_flight", core::Mutation::no_single_flight},
    {"no_view_drop", core::Mutation::no_view_drop},
    {"no_repair", core::Mutation::no_repair},
    {"false_timeout", core::Mutation::false_timeout}};

class Session {
 public:
  explicit Session(const Options& options) : options_(options) {}

  // How many seeds broke an invariant.
  size_t all();
  // Whether a mutation is found; stops at the first seed that does.
  bool finds(const std::string& name, core::Mutation mutation);
  void summary();

 private:
  Plan plan_of(uint64_t seed) const {
    Plan plan = Plan::of(seed, options_.nodes_min, options_.nodes_max);
    // Cut networks want more of the coherence protocol than is there yet: asked for by name.
    if (!options_.partitions) plan.faults.partitions = plan.faults.one_way = false;
    return plan;
  }
  void add(const Verdict& result);

  const Options options_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Report::Counts counts_;
  Duration simulated_;
  uint64_t seeds_ = 0, repeated_ = 0, failed_ = 0, node_count_ = 0;
  uint64_t hash_ = 0;
};

void Session::add(const Verdict& result) {
  for (const auto& [what, times] : result.counts) counts_[what] += times;
  simulated_ = simulated_ + result.simulated;
  hash_ = mix64(hash_ ^ result.hash);
}

size_t Session::all() {
  for (uint64_t i = 0; i < options_.seeds && (options_.keep_going || failed_ < kFailuresMax); ++i) {
    const Plan plan = plan_of(options_.first + i);
    Verdict result = run(plan, options_.trace);
    if (i % kRepeatEvery == 0) {
      ++repeated_;
      if (run(plan, false).hash != result.hash) {
        result.violations.push_back("the same seed gives another trace");
      }
    }
    ++seeds_;
    node_count_ += plan.nodes;
    add(result);
    if (options_.verbose) {
      std::printf("seed %lu: %016lx %s\n", plan.seed, result.hash, describe(plan).c_str());
    }
    if (result.violations.empty()) continue;
    ++failed_;
    std::printf("seed %lu BROKEN: %s\n", plan.seed, describe(plan).c_str());
    for (const std::string& violation : result.violations) {
      std::printf("  %s\n", violation.c_str());
    }
    std::fflush(stdout);
  }
  return failed_;
}

bool Session::finds(const std::string& name, core::Mutation mutation) {
  for (uint64_t i = 0; i < options_.seeds; ++i) {
    const Plan plan = plan_of(options_.first + i);
    core::active_mutation = mutation;
    const Verdict result = run(plan, options_.trace);
    core::active_mutation = core::Mutation::none;
    // A seed that is broken anyway shows nothing.
    if (result.violations.empty() || !run(plan, false).violations.empty()) continue;
    std::printf("mutation %s: found by seed %lu: %s\n", name.c_str(), plan.seed,
                result.violations.front().c_str());
    return true;
  }
  std::printf("mutation %s: NOT FOUND in %lu seeds\n", name.c_str(), options_.seeds);
  return false;
}

void Session::summary() {
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  std::string_view group;
  uint64_t calls = 0;
  for (const auto& [what, times] : counts_) {
    if (what.first != group)
      std::printf("%s%.*s:", group.empty() ? "" : "\n", static_cast<int>(what.first.size()),
                  what.first.data());
    group = what.first;
    std::printf(" %.*s %lu", static_cast<int>(what.second.size()), what.second.data(), times);
    if (group == "get" || group == "peek" || group == "put" || group == "remove") calls += times;
  }
  std::printf(
      "\nsim: %lu seeds from %lu, %lu nodes, %.0f simulated s, %lu operations, "
      "%lu of %lu seeds repeated alike, trace %016lx, %.1f s (%.1f seeds/s), "
      "%lu seeds broken\n",
      seeds_, options_.first, node_count_, static_cast<double>(simulated_.as_ms()) / 1000, calls,
      repeated_, seeds_, hash_, wall, static_cast<double>(seeds_ + repeated_) / wall, failed_);
}

int mutate(const Options& options) {
  size_t found = 0, tried = 0;
  for (const auto& [name, mutation] : kMutations) {
    if (options.mutate != "all" && options.mutate != name) continue;
    ++tried;
    found += Session(options).finds(name, mutation) ? 1 : 0;
  }
  std::printf("sim: %zu of %zu mutations found within %lu seeds\n", found, tried, options.seeds);
  return found == tried && tried > 0 ? 0 : 1;
}

int main_of(int argc, char** argv, bool& has_mutated) {
  CLI::App app("The engine's nodes in simulated clusters, each a function of its seed");
  Options options;
  std::string nodes;
  app.add_option("--seeds", options.seeds, "how many");
  app.add_option("--first", options.first, "the first one");
  app.add_option("--nodes", nodes, "how many nodes, as in 5 or 3-9");
  app.add_flag("--verbose", options.verbose, "a line for each seed");
  app.add_flag("--trace", options.trace, "everything that happens");
  app.add_flag("--partitions", options.partitions, "cut networks too, two-way and one-way");
  app.add_flag("--keep-going", options.keep_going, "do not stop after 10 broken seeds");
  app.add_option("--mutate", options.mutate,
                 "a fault to put into the core, or all of them in turn: succeeds if it is found");
  CLI11_PARSE(app, argc, argv);
  if (!nodes.empty() &&
      std::sscanf(nodes.c_str(), "%u-%u", &options.nodes_min, &options.nodes_max) == 1) {
    options.nodes_max = options.nodes_min;
  }
  has_mutated = !options.mutate.empty();
  if (has_mutated) return mutate(options);
  Session session(options);
  const bool broken = session.all() > 0;
  session.summary();
  return broken ? 1 : 0;
}

}  // namespace
}  // namespace distcache::sim

// What a mutation leaks is not the point: the leak sanitizer asks this when the program ends.
static bool has_mutated = false;
extern "C" int __lsan_is_turned_off() { return has_mutated ? 1 : 0; }

int main(int argc, char** argv) { return distcache::sim::main_of(argc, argv, has_mutated); }
