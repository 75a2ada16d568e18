#pragma once

#include <cstdint>
#include <string>

namespace stress {

// What happens to five nodes, how often, and for how long.
struct RoundsOptions {
  uint32_t crashes = 3, leaves = 3, silences = 2, restarts = 10;
  uint32_t slow_seconds = 180, slow_period_ms = 100;
  uint32_t cuts = 1, cut_seconds = 8;
  uint32_t partitions = 2, partition_seconds = 3;
  uint64_t seed = 1;
  std::string only;  // one kind: crash, leave, silence, restart, slow, cut, partition, apart

  void lengthen();  // the long form
};

// Five nodes in processes of their own: some crash, leave, fall silent, start again, cannot hear
// one another. Beside them, in a process and a network of their own, five others of which one gets
// a fifth of a processor. True if the others agree in time each time, no call fails, and no key is
// loaded more than twice for a change of the ring. To be called before any thread starts.
bool run_rounds(const RoundsOptions& options);

}  // namespace stress
