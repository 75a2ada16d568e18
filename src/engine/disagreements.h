#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "core/types.h"

namespace distcache::engine {

// Members whose requests and replies tell of another ring than this node's. For a moment that is
// what a change looks like. Where it goes on, somebody has missed something: the two compare what
// they know, now and then until they agree.
//
// Belongs to the thread that owns the network. Bounded: more than kMembersMax at once, which only
// forged senders could be, are not looked at.
class Disagreements {
 public:
  // A request of the member, or a reply, carried the id of a view that is not this node's.
  void note(core::MemberId member) {
    if (noted_.size() < limits::kMembersMax) noted_.insert(member);
  }

  struct Due {
    std::vector<core::MemberId> compare;  // notes are to be compared with these
    std::vector<core::MemberId> tell;     // and this is worth a line in the log, once
    std::vector<core::MemberId> settled;  // of which there was a line
  };
  Due take(Instant now);

 private:
  struct Dispute {
    Instant since;
    Instant last;  // when it was noted
    Instant compare_at;
    bool told = false;
  };
  std::set<core::MemberId> noted_;  // since the last take()
  std::map<core::MemberId, Dispute> disputes_;
};

}  // namespace distcache::engine
