#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "core/cluster/swim/options.h"
#include "core/types.h"

namespace distcache::core {

// log10(members), at least 1, in thousandths: what SWIM scales its times and repetitions by.
uint64_t log10_milli(size_t members);

// The time that a suspect has to speak up, from when it was first suspected. It begins long and
// shrinks with each further member that suspects it too:
//
//   max - (max - min) * log(accusers) / log(confirmations + 1)
//
// so that a node which alone sees everybody dead, because it is slow itself, is refuted in time.
// Lifeguard, section IV-B. `members`: those of the view, this node included.
class Suspicion {
 public:
  Suspicion(const SwimOptions& options, size_t members, MemberId accuser, Instant now);

  // Whether this member had not accused it yet, and counts.
  bool confirm(MemberId accuser);
  // Its connections are refused, so its machine runs and its process does not: as if all had
  // accused it.
  void hurry() { time_ = min_; }
  Instant due() const { return since_ + time_; }
  void postpone(Duration by) { since_ = since_ + by; }
  size_t accusers() const { return accusers_.size(); }

 private:
  void shorten();

  Duration min_;
  Duration max_;
  size_t confirmations_;
  Instant since_;
  Duration time_;
  std::vector<MemberId> accusers_;  // at most confirmations_ + 1
};

}  // namespace distcache::core
