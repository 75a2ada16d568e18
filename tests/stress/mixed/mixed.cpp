#include "mixed/mixed.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "mixed/checker.h"
#include "mixed/crew.h"
#include "mixed/nemesis.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::ms_between;

constexpr std::chrono::seconds kCalm{10};  // P5: all agree, or hold nothing, so long after a heal
constexpr std::chrono::seconds kAfterwards{2};
constexpr int kLooks = 60;

std::string listed(const std::map<std::string, size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ", ") + name + ' ' + std::to_string(count);
  }
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The faults; afterwards a time in which nothing may be old, and a look at every key everywhere.
struct Run {
  explicit Run(const MixedOptions& options, bool own_network)
      : crew(own_network, load_of(options)), nemesis(crew, options.seed, options.only) {
    crew.start({0, 1, 2, 3, 4});
    crew.await_one_ring();
    std::this_thread::sleep_for(kAfterwards);
    options.mutate.empty() ? strike(options.faults) : await_notice(options.faults > 0);
  }

  void strike(uint32_t times) {
    for (uint32_t i = 0; i < times; ++i) nemesis.strike();
    std::this_thread::sleep_for(kCalm + kAfterwards);
    crew.rest();
    if (const std::string difference = crew.compare(); !difference.empty()) {
      faults.add("P5: members disagree: " + difference);
    }
    crew.end(faults);
    verdict = Checker(crew.story()).judge();
  }

  // What is put in is noticed sooner or later.
  void await_notice(bool strikes) {
    for (int i = 0; i < kLooks && verdict.violations == 0; ++i) {
      strikes ? nemesis.strike() : std::this_thread::sleep_for(kAfterwards);
      // At rest: a write changes the truth before it is noted.
      crew.rest();
      verdict = Checker(crew.story()).judge();
      if (verdict.violations == 0) crew.work();
    }
    crew.end(faults);
  }

  static Crew::Load load_of(const MixedOptions& options) {
    Crew::Load load;
    load.rate = options.rate;
    load.seed = options.seed;
    load.mirror = options.mirror;
    load.partition = options.partition;
    load.mutation = options.mutate;
    return load;
  }

  Faults faults;
  Crew crew;
  Nemesis nemesis;
  Verdict verdict;
};

// What went wrong, in words.
std::string what(const MixedOptions& options, const Nemesis& nemesis) {
  size_t faults = 0;
  for (const auto& [name, count] : nemesis.counts()) faults += count;
  std::string text = "mirror " + options.mirror + ", partition " + options.partition + ", " +
                     std::to_string(faults) + " faults of " +
                     std::to_string(nemesis.counts().size()) + " kinds (" +
                     listed(nemesis.counts()) + ")";
  if (!options.mutate.empty()) text = options.mutate + ", " + text;
  const std::string impossible = listed(nemesis.impossible());
  return impossible.empty() ? text : text + ", impossible here: " + impossible;
}

size_t tell(const MixedOptions& options, const Run& run, int64_t took_ms) {
  const Verdict& verdict = run.verdict;
  for (const std::string& shown : verdict.shown) std::printf("VIOLATION %s\n", shown.c_str());
  for (const auto& [what, count] : verdict.counts) std::printf("  %s: %zu\n", what.c_str(), count);
  const size_t broken = verdict.violations + run.faults.count();
  std::printf(
      "mixed: seed %lu, %s, %zu reads, %zu writes and %zu loads checked, oldest read %ld ms where "
      "all agree, %ld ms where they do not, slowest write that is OK %ld ms, worst lateness %ld "
      "ms, %.0f s, %zu violations\n",
      options.seed, what(options, run.nemesis).c_str(), verdict.reads, verdict.writes,
      verdict.loads, verdict.stale_ms, verdict.stale_apart_ms, verdict.slowest_write_ms,
      verdict.late_ms, static_cast<double>(took_ms) / 1'000, broken);
  return broken;
}

}  // namespace

void MixedOptions::lengthen() { faults = 104; }

bool run_mixed(const MixedOptions& options) {
  const auto begin = Clock::now();
  const bool own_network = Network::leave_the_machine();
  try {
    const Run run(options, own_network);
    const size_t broken = tell(options, run, ms_between(begin, Clock::now()));
    return options.mutate.empty() ? broken == 0 : run.verdict.violations > 0;
  } catch (const cluster::HarnessFailure& failure) {
    std::printf("mixed: seed %lu: %s\n", options.seed, failure.what());
    return false;
  }
}

}  // namespace stress
