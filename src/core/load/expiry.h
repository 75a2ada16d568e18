#pragma once

#include <cstdint>

#include "base/time.h"

namespace distcache::core {

// How long a stored entry may live (spec section 5). Zero durations mean "none".
struct ExpiryRule {
  Duration ttl;                 // of the keyspace; used when the call or the source names none
  Duration ttl_max;             // cap on every ttl, also on "none"
  uint32_t jitter_percent = 0;  // 0..100
};

// A ttl as a caller or source gives it: zero = the keyspace's own, max() = never expires.
// The result is the instant of expiry, or never. Jitter only ever shortens, by up to the given
// percentage, so that keys loaded together do not expire together and none outlives its ttl.
// `random` is a fresh random number.
Instant expires_at(const ExpiryRule& rule, Duration asked, Instant now, uint64_t random);

}  // namespace distcache::core
