#pragma once

#include <deque>
#include <vector>

#include "base/time.h"
#include "core/cluster/view.h"

namespace distcache::core {

// Who may hold a key on a lease that this node knows nothing of: it came to own the key a moment
// ago, as a new process or as the next owner, and nobody tells what its predecessor lent. For a
// lease after such a change every member may be a holder; of keys that it owned all the while,
// those that it did not reach before, for they may have had another owner.
//
// Pure; lives under its shard's lock.
class FormerOwners {
 public:
  struct Holder {
    MemberId member = 0;
    Instant until;  // the last of their leases ends
  };

  // The view was `before` until now.
  void changed(ViewPtr before, Instant until);
  std::vector<Holder> holders(uint64_t key_hash, const View& view, Instant now) const;
  void forget(Instant now);

 private:
  static constexpr size_t kChangesMax = 8;  // older ones count as if every key had been another's

  struct Change {
    ViewPtr before;
    Instant until;
  };
  std::deque<Change> changes_;  // the next one to be forgotten first
};

}  // namespace distcache::core
