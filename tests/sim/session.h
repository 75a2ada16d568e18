#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "mutants.h"
#include "run.h"

namespace distcache::sim {

struct Options {
  uint64_t seeds = 20;
  uint64_t first = 1;
  uint32_t nodes_min = 3, nodes_max = 9;
  uint32_t rate = 0;  // operations per simulated second; 0: as the seed says
  uint32_t jobs = 1;
  uint32_t minutes = 0;      // 0: as many seeds as asked for, however long that takes
  bool conditional = false;  // most puts are put_if
  bool loaders = false;      // gets bring loaders: see Plan::set_loaders()
  bool recalls = false;      // P2 alone: see Plan::leave_lost_recalls()
  bool verbose = false, trace = false, keep_going = false;
  std::vector<std::string> without;  // faults that no seed has
  Plan::Partition partition = Plan::Partition::mixed;
};

// Many seeds on several threads. A run lives on one thread from its beginning to its end and shares
// nothing with others, so how many there are changes no result.
class Session {
 public:
  explicit Session(const Options& options) : options_(options) {}

  // How many seeds broke an invariant.
  uint64_t all();
  // Whether one seed, which broke once, holds now.
  bool holds(const std::string& name, uint64_t seed);
  // Whether a mutant is found; stops at the first seed that does.
  bool finds(const Mutant& mutant);
  // How many of the seeds find it.
  uint64_t count(const Mutant& mutant);
  // The totals, and in the last line how fast it went.
  void summary();

 private:
  Plan plan_of(uint64_t seed) const;
  // Calls `one` for each number below `count`, in any order; stops early if it says so.
  void on_all_threads(uint64_t count, const std::function<bool(uint64_t)>& one) const;
  bool check(uint64_t seed, bool twice);
  std::vector<uint64_t> broken_by(const Mutant& mutant, uint64_t first, uint64_t count,
                                  size_t enough) const;
  void add(const Plan& plan, const Verdict& result, bool repeated) EXCLUDES(mutex_);
  static void print(const Plan& plan, const Verdict& result, const char* what);

  const Options options_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Mutex mutex_;
  Report::Counts counts_ GUARDED_BY(mutex_), peaks_ GUARDED_BY(mutex_);
  Duration simulated_ GUARDED_BY(mutex_);
  uint64_t seeds_ GUARDED_BY(mutex_) = 0, repeated_ GUARDED_BY(mutex_) = 0;
  uint64_t failed_ GUARDED_BY(mutex_) = 0, nodes_ GUARDED_BY(mutex_) = 0;
  uint64_t hash_ GUARDED_BY(mutex_) = 0;
};

}  // namespace distcache::sim
