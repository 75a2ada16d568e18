#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace distcache::core {

// Which keys other members ask for often: the counters of Space-Saving (Metwally, Agrawal and El
// Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005), which
// are halved as time passes. A key that has none takes over the smallest one and its count as the
// error of its own, so a count less its error is never more than the key was asked for.
//
// Pure and of fixed size; lives under its shard's lock.
class HotKeys {
 public:
  static constexpr size_t kCounters = 64;
  // All counts are halved this often: what is asked for r times a second counts r/2 to r.
  static constexpr Duration kHalfLife = Duration::ms(500);

  // One more question for the key. How often it was asked for lately, at the least.
  uint32_t note(uint64_t key_hash, Instant now);

 private:
  struct Counter {
    uint64_t key_hash = 0;
    uint32_t count = 0;
    uint32_t error = 0;
  };

  void decay(Instant now);

  std::array<Counter, kCounters> counters_{};
  Instant halve_at_;
};

}  // namespace distcache::core
