#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan.h"
#include "report.h"

namespace distcache::sim {

struct Verdict {
  uint64_t hash = 0;  // of everything that happened
  Report::Counts counts, peaks;
  std::vector<std::string> violations;
  Duration simulated;
};

// One cluster from its first process to its last, alone in the world: a function of the plan.
Verdict run(const Plan& plan, bool tells);

// The plan in a line.
std::string describe(const Plan& plan);

}  // namespace distcache::sim
