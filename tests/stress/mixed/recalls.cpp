#include "mixed/recalls.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "mixed/checker.h"
#include "mixed/crew.h"
#include "mixed/trials.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::ms_between;

constexpr std::chrono::seconds kLook{2};
constexpr int kNoticeLooks = 60;
// One trial takes far less; then something hangs.
constexpr std::chrono::seconds kPatience{200};
constexpr std::chrono::milliseconds kPatienceEach{300};
constexpr size_t kShown = 10;

Crew::Load load_of(const RecallsOptions& options) {
  Crew::Load load;
  load.keys = 128;
  load.rate = 400;
  load.writes_percent = 1;
  // Far shorter than a lease: who waits for the holder that hears nothing is told whom it missed.
  load.write_timeout_ms = 150;
  load.seed = options.seed;
  load.mirror = options.mirror;
  load.mutation = options.mutate.empty() ? "lost_recalls" : "lost_recalls," + options.mutate;
  return load;
}

struct Run {
  Run(const RecallsOptions& options, bool own_network) : crew(own_network, load_of(options)) {
    crew.start({0, 1, 2, 3, 4});
    crew.await_one_ring();
    crew.story().paths.push_back({cluster::ns_of(Clock::now())});
    options.mutate.empty() ? await(options.trials) : await_notice();
    crew.rest();
    crew.end(faults);
    trials.emplace(crew.story());
    verdict = Checker(crew.story()).judge();
  }

  void await(size_t count) {
    const auto until = Clock::now() + kPatience + kPatienceEach * count;
    // What loses nothing proves nothing; and the last ones have to be over as well.
    for (bool enough = false; !enough;) {
      const Trials seen(crew.story());
      enough = seen.count() >= count && seen.stale() > 0;
      if (Clock::now() > until) throw cluster::HarnessFailure("hardly a key is lent, or recalled");
      std::this_thread::sleep_for(kLook);
    }
  }

  // Twice, as somebody may yet tell of what excuses it.
  void await_notice() {
    int noticed = 0;
    for (int i = 0; i < kNoticeLooks && noticed < 2; ++i) {
      std::this_thread::sleep_for(kLook);
      noticed = Trials(crew.story()).broken().empty() ? 0 : noticed + 1;
    }
  }

  Faults faults;
  Crew crew;
  std::optional<Trials> trials;
  Verdict verdict;
};

size_t tell(const RecallsOptions& options, const Run& run, int64_t took_ms) {
  const Trials& trials = *run.trials;
  std::vector<std::string> broken = trials.broken();
  broken.insert(broken.end(), run.verdict.shown.begin(), run.verdict.shown.end());
  for (size_t i = 0; i < std::min(broken.size(), kShown); ++i) {
    std::printf("VIOLATION %s\n", broken[i].c_str());
  }
  const auto ms = [](int64_t us) { return static_cast<double>(us) / 1'000; };
  const size_t violations = trials.broken().size() + run.verdict.violations + run.faults.count();
  std::printf(
      "recalls: seed %lu, mirror %s%s%s, 1 %% of recalls lost, %zu trials (%zu pending under "
      "leases of %ld ms), %zu reads; older values seen after %zu of them: p99 %.1f ms, oldest %.1f "
      "ms, %.1f ms without the machine's stalls (limit %ld ms); %zu writes while members "
      "disagreed; %.0f s, %zu violations\n",
      options.seed, options.mirror.c_str(), options.mutate.empty() ? "" : ", ",
      options.mutate.c_str(), trials.count(), trials.pending(), Trials::kLeaseMs, run.verdict.reads,
      trials.stale(), ms(trials.percentile_us(99)), ms(trials.oldest_us()), ms(trials.kept_us()),
      Trials::kLeaseMs + Trials::kToleranceMs, trials.disturbed(),
      static_cast<double>(took_ms) / 1'000, violations);
  return violations;
}

}  // namespace

bool run_recalls(const RecallsOptions& options) {
  const auto begin = Clock::now();
  const bool own_network = Network::leave_the_machine();
  try {
    const Run run(options, own_network);
    const size_t violations = tell(options, run, ms_between(begin, Clock::now()));
    if (!options.mutate.empty()) return !run.trials->broken().empty();
    return violations == 0;
  } catch (const cluster::HarnessFailure& failure) {
    std::printf("recalls: seed %lu: %s\n", options.seed, failure.what());
    return false;
  }
}

}  // namespace stress
