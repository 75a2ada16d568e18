#include "session.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <thread>

#include "base/hash.h"

namespace distcache::sim {
namespace {

constexpr uint64_t kRepeatEvery = 10;  // so many seeds are run twice, to compare their hashes
constexpr uint64_t kFailuresMax = 10;  // then it has seen enough

}  // namespace

Plan Session::plan_of(uint64_t seed) const {
  Plan plan = Plan::of(seed, options_.nodes_min, options_.nodes_max);
  for (const std::string& fault : options_.without) plan.faults.turn_off(fault);
  if (options_.recalls) {
    plan.leave_lost_recalls();
  } else {
    plan.set_partition(options_.partition);
  }
  if (options_.conditional) plan.make_puts_conditional();
  if (options_.loaders) plan.set_loaders();
  if (options_.rate != 0) plan.operation_pause = Duration::seconds(1) / options_.rate;
  return plan;
}

void Session::on_all_threads(uint64_t count, const std::function<bool(uint64_t)>& one) const {
  std::atomic<uint64_t> next{0};
  std::atomic<bool> enough{false};
  const auto work = [&] {
    for (uint64_t i = next++; i < count && !enough; i = next++) {
      if (!one(i)) enough = true;
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < options_.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

void Session::print(const Plan& plan, const Verdict& result, const char* what) {
  std::string lines = text("seed %" PRIu64 " %s: ", plan.seed, what) + describe(plan) + "\n";
  for (const std::string& violation : result.violations) lines += "  " + violation + "\n";
  std::fputs(lines.c_str(), stdout);
  std::fflush(stdout);
}

void Session::add(const Plan& plan, const Verdict& result, bool repeated) {
  MutexLock lock(mutex_);
  for (const auto& [what, times] : result.counts) counts_[what] += times;
  for (const auto& [what, most] : result.peaks) peaks_[what] = std::max(peaks_[what], most);
  simulated_ = simulated_ + result.simulated * (repeated ? 2 : 1);
  hash_ += mix64(plan.seed ^ mix64(result.hash));  // in whatever order they end
  ++seeds_;
  nodes_ += plan.nodes;
  repeated_ += repeated ? 1 : 0;
  failed_ += result.violations.empty() ? 0 : 1;
}

// Runs a seed and says whether it holds.
bool Session::check(uint64_t seed, bool twice) {
  const Plan plan = plan_of(seed);
  Verdict result = run(plan, options_.trace);
  if (twice && run(plan, false).hash != result.hash) {
    result.violations.push_back("the same seed gives another trace");
  }
  add(plan, result, twice);
  if (options_.verbose) {
    std::printf("seed %" PRIu64 ": %016" PRIx64 " %s\n", seed, result.hash, describe(plan).c_str());
  }
  if (!result.violations.empty()) print(plan, result, "BROKEN");
  return result.violations.empty();
}

uint64_t Session::all() {
  std::atomic<uint64_t> failed{0};
  const auto end = start_ + std::chrono::minutes(options_.minutes);
  on_all_threads(options_.minutes > 0 ? UINT64_MAX : options_.seeds, [this, end, &failed](auto i) {
    if (options_.minutes > 0 && std::chrono::steady_clock::now() >= end) return false;
    if (!check(options_.first + i, i % kRepeatEvery == 0)) ++failed;
    return options_.keep_going || failed < kFailuresMax;
  });
  return failed;
}

bool Session::holds(const std::string& name, uint64_t seed) {
  if (check(seed, false)) return true;
  std::printf("regression %s is back: seed %" PRIu64 "\n", name.c_str(), seed);
  return false;
}

// The seeds that a mutant breaks, of `count` from `first` on; not all of them if `enough` is 1.
// The flag is one for all threads, and is not touched while they run.
std::vector<uint64_t> Session::broken_by(const Mutant& mutant, uint64_t first, uint64_t count,
                                         size_t enough) const {
  Mutex mutex;
  std::vector<uint64_t> broken;
  core::active_mutation = mutant.mutation;
  on_all_threads(count, [&](uint64_t i) {
    if (run(plan_of(first + i), options_.trace).violations.empty()) return true;
    MutexLock lock(mutex);
    broken.push_back(first + i);
    return broken.size() < enough;
  });
  core::active_mutation = core::Mutation::none;
  std::sort(broken.begin(), broken.end());
  // A seed that is broken anyway shows nothing.
  std::erase_if(broken,
                [this](uint64_t seed) { return !run(plan_of(seed), false).violations.empty(); });
  return broken;
}

bool Session::finds(const Mutant& mutant) {
  constexpr uint64_t kAtOnce = 100;
  for (uint64_t begun = 0; begun < options_.seeds; begun += kAtOnce) {
    const uint64_t first = options_.first + begun;
    const auto broken =
        broken_by(mutant, first, std::min(kAtOnce, options_.seeds - begun), options_.jobs);
    if (broken.empty()) continue;
    const uint64_t seed = broken.front();
    core::active_mutation = mutant.mutation;
    const Verdict result = run(plan_of(seed), false);
    core::active_mutation = core::Mutation::none;
    std::printf("mutation %s: found by seed %" PRIu64 ", the %" PRIu64 ". : %s\n", mutant.name,
                seed, seed - options_.first + 1, result.violations.front().c_str());
    std::fflush(stdout);
    return true;
  }
  std::printf("mutation %s: NOT FOUND in %" PRIu64 " seeds\n", mutant.name, options_.seeds);
  return false;
}

uint64_t Session::count(const Mutant& mutant) {
  const auto broken = broken_by(mutant, options_.first, options_.seeds, SIZE_MAX);
  std::printf("mutation %s: found by %zu of %" PRIu64 " seeds, the first is %" PRIu64 "\n",
              mutant.name, broken.size(), options_.seeds, broken.empty() ? 0 : broken.front());
  std::fflush(stdout);
  return broken.size();
}

void Session::summary() {
  MutexLock lock(mutex_);
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  std::string_view group;
  uint64_t calls = 0;
  for (const auto& [what, times] : counts_) {
    if (what.first != group) {
      std::printf("%s%.*s:", group.empty() ? "" : "\n", static_cast<int>(what.first.size()),
                  what.first.data());
    }
    group = what.first;
    std::printf(" %.*s %" PRIu64, static_cast<int>(what.second.size()), what.second.data(), times);
    if (group == "get" || group == "peek" || group == "put" || group == "remove" ||
        group == "refresh") {
      calls += times;
    }
  }
  for (const auto& [what, most] : peaks_) {
    std::printf("\n%.*s, %.*s: %" PRIu64, static_cast<int>(what.first.size()), what.first.data(),
                static_cast<int>(what.second.size()), what.second.data(), most);
  }
  const double simulated = static_cast<double>(simulated_.as_ms()) / 1000;
  std::printf("\n%" PRIu64 " nodes, %.0f simulated s, %" PRIu64 " of %" PRIu64
              " seeds repeated alike, trace %016" PRIx64 "\n",
              nodes_, simulated, repeated_, seeds_, hash_);
  std::printf("sim: %" PRIu64 " seeds from %" PRIu64 ", %" PRIu64
              " checked operations, %.1f s on %u threads (%.0f x real time), %" PRIu64 " broken\n",
              seeds_, options_.first, calls, wall, options_.jobs, simulated / wall, failed_);
}

}  // namespace distcache::sim
