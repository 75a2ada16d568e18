#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace distcache::core {

struct RingMember {
  MemberId id = 0;
  uint32_t weight = 1;  // 1..1000
};

// Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998) with weights (Schindelhauer and
// Schomaker, SPAA 2005): each member draws a number from (key, member), the best one owns the key.
// A function of the member set alone: members with different histories agree, a change moves the
// fewest keys possible, and the runner-up is the successor. Weights go through an integer
// fixed-point logarithm, never libm, so that every machine computes the same ring.
// Immutable; any thread.
class Ring {
 public:
  explicit Ring(std::vector<RingMember> members);

  size_t size() const { return members_.size(); }
  const std::vector<RingMember>& members() const { return members_; }  // by id

  MemberId owner(uint64_t key_hash) const;  // 0 if there are no members
  // All members in order of preference, at most `count` of them.
  std::vector<MemberId> candidates(uint64_t key_hash, size_t count) const;

 private:
  std::vector<RingMember> members_;
  bool weighted_ = false;
};

}  // namespace distcache::core
