#pragma once

#include <cstdint>
#include <span>

#include "plan.h"

namespace distcache::sim {

// A seed that once broke an invariant, named after what was wrong with the core. All are run by
// every ./dev sim. What was learned is in a unit test as well: a seed means another run when plans
// or the order of the core's random draws change.
struct Regression {
  const char* name;
  uint64_t seed;
  const char* without;  // faults, by their names and a comma between, that it had no need of
  Plan::Partition partition = Plan::Partition::serve;
};

std::span<const Regression> regressions();

}  // namespace distcache::sim
