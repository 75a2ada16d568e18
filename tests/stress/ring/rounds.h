#pragma once

#include <cstdint>
#include <string>

namespace stress {

// What happens to five nodes, how often, and for how long.
struct RoundsOptions {
  uint32_t crashes = 5, leaves = 5, silences = 2, restarts = 10;
  uint32_t slow_seconds = 20;
  uint32_t cuts = 1, cut_seconds = 10;
  uint32_t partitions = 2, partition_seconds = 3;
  uint64_t seed = 1;
  std::string only;  // one kind: crash, leave, silence, restart, slow, cut, partition, apart

  void lengthen();  // the long form
};

// Five nodes in processes of their own: some crash, leave, fall silent, start again, get a fifth of
// a processor, cannot hear one another. True if the others agree in time each time, no call fails,
// and no key is loaded more than twice for a change of the ring. To be called before any thread
// starts: it makes a network of its own.
bool run_rounds(RoundsOptions options);

}  // namespace stress
