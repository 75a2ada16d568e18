#include "chaos.h"

#include <cstdio>

#include "trio.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::ms_between;

constexpr double kSucceededPercent = 99.9;
constexpr int64_t kLateMs = 100;

}  // namespace

bool run_chaos(const ChaosOptions& options) {
  const auto begin = Clock::now();
  std::mt19937_64 random(options.seed);
  Faults faults;
  Seen seen;
  uint32_t kills = 0;
  try {
    Trio trio({});
    for (size_t i = 0; i < Trio::size(); ++i) trio.await_pass(i);
    while (kills < options.kills) {
      const size_t victim = random() % Trio::size();
      trio.kill(victim);
      for (size_t i = 0; i < Trio::size(); ++i) {
        if (i != victim) trio.await_pass(i);
      }
      trio.restart(victim);
      trio.await_pass(victim);
      ++kills;
      std::printf("kill %u of %u: node %s, %ld calls so far, %ld failed\n", kills, options.kills,
                  trio[victim].name().c_str(), trio.seen().calls, trio.seen().failures);
      std::fflush(stdout);
    }
    trio.end(faults);
    seen = trio.seen();
  } catch (const cluster::HarnessFailure& failure) {
    faults.add(failure.what());
  }
  if (seen.succeeded_percent() < kSucceededPercent || seen.wrong > 0) {
    faults.add("calls failed, the first one: " + seen.first_failure);
  }
  if (seen.late_ms > kLateMs) faults.add("a call outlived its deadline");
  std::printf(
      "chaos: seed %lu, %u kills of one of three, %ld calls, %.4f %% succeeded, %ld failed, %ld "
      "writes PARTIAL, worst lateness %ld ms, %.1f s, %zu faults\n",
      options.seed, kills, seen.calls, seen.succeeded_percent(), seen.failures, seen.partial,
      seen.late_ms, static_cast<double>(ms_between(begin, Clock::now())) / 1'000, faults.count());
  return faults.count() == 0;
}

}  // namespace stress
