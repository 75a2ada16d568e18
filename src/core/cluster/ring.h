#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace distcache::core {

inline constexpr uint32_t kWeightMax = 1000;

struct RingMember {
  MemberId id = 0;
  uint32_t weight = 1;  // 1..kWeightMax; others are brought into these bounds
};

// Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998) with weights (Schindelhauer and
// Schomaker, SPAA 2005): each member draws a number from (key, member), the best one owns the key.
// A function of the member set alone: members with different histories agree, a change moves the
// fewest keys possible, and the runner-up is the successor. Weights go through an integer
// fixed-point logarithm, never libm, so that every machine computes the same ring: the owners of
// the golden vectors in the tests are part of the protocol.
// Immutable; any thread.
class Ring {
 public:
  explicit Ring(std::vector<RingMember> members);

  size_t size() const { return members_.size(); }
  const std::vector<RingMember>& members() const { return members_; }  // by id, each id once

  MemberId owner(uint64_t key_hash) const;  // 0 if there are no members
  // All members in order of preference, at most `count` of them.
  std::vector<MemberId> candidates(uint64_t key_hash, size_t count) const;

  // What a member draws for a key; members are ranked by comparing these. For walks that leave
  // members out, without an allocation.
  struct Draw {
    uint64_t score = 0;  // fixed-point -log2 of `number` / 2^64; 0 in a ring of equal weights
    uint64_t number = 0;
    RingMember member;
  };
  Draw draw(size_t index, uint64_t key_hash) const;  // index < size()
  static bool ranks_before(const Draw& a, const Draw& b);

 private:
  // Members of one weight, by id. Among them the numbers rank as they are, without a logarithm.
  struct Class {
    std::vector<uint64_t> salts;
    std::vector<size_t> indices;
  };
  static size_t best_of(const Class& equals, uint64_t key_hash);

  std::vector<RingMember> members_;
  std::vector<uint64_t> salts_;  // of the member at the same index
  std::vector<Class> classes_;
};

// -log2(number / 2^64) in units of 2^-56. Never grows with `number`, is never 0.
uint64_t negative_log2(uint64_t number);

}  // namespace distcache::core
