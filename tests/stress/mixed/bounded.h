#pragma once

#include <cstdint>
#include <string>

namespace stress {

struct BoundedOptions {
  uint32_t keys = 60;
  std::string mutate;  // a guard that is taken out, to be noticed
};

// P2 with partition = bounded, and keys that all were lent: two of five processes are cut off, the
// others delete all keys. True if the two read what was before no later than a lease and 50 ms
// after a delete was OK, or two leases and 50 ms after it was PARTIAL, and no write of theirs is OK
// meanwhile; with a guard taken out: if that is noticed. To be called before any thread starts.
bool run_bounded(const BoundedOptions& options);

}  // namespace stress
