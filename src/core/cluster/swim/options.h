#pragma once

#include <cstdint>

#include "base/time.h"

namespace distcache::core {

// SWIM (Das, Gupta, Motivala, DSN 2002) with the three extensions of Lifeguard (Dadgar, Phillips,
// Currey, arXiv 1707.00788), which can be switched off so that the two can be compared.
struct SwimOptions {
  Duration probe_interval = Duration::ms(500);  // one member is probed in each
  Duration probe_timeout = Duration::ms(200);   // then others are asked to probe it too
  uint32_t indirect_probes = 3;                 // how many others

  // A suspect is dead after suspicion_factor * log10(members) probe intervals if enough members
  // suspect it, after suspicion_max_factor times as long if only this one does.
  uint32_t suspicion_factor = 4;
  uint32_t suspicion_max_factor = 6;
  uint32_t confirmations = 3;  // that shorten it as far as it goes

  uint32_t health_max = 8;     // worst value of the local health multiplier
  uint32_t rumour_factor = 4;  // a rumour is told rumour_factor * log10(members + 1) times

  bool local_health = true;         // Lifeguard: a member that is slow itself accuses more slowly
  bool shrinking_suspicion = true;  // Lifeguard: else a suspicion always lasts its shortest time
  bool buddy = true;                // Lifeguard: a suspect is told so by whoever probes it
};

}  // namespace distcache::core
