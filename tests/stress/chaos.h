#pragma once

#include <cstdint>

namespace stress {

struct ChaosOptions {
  uint32_t kills = 10;
  uint64_t seed = 1;
};

// SIGKILL of one of three processes under load, again and again. True if the callers of the others
// did not notice: 99.9 % of all calls succeed, none outlives its deadline by more than 100 ms, no
// value is wrong.
bool run_chaos(const ChaosOptions& options);

}  // namespace stress
