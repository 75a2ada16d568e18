#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "core/types.h"

namespace distcache::engine {

// Members whose requests and replies tell of another ring than this node's. For a moment that is
// what a change looks like. Where it goes on, somebody has missed something: the two compare what
// they know, now and then until a request or reply shows that they agree.
//
// Belongs to the thread that owns the network. Bounded: more than kMembersMax at once, which only
// forged senders could be, are not looked at.
class Disagreements {
 public:
  // What the member sent of the keyspace carried the id of another view than this node's.
  void note(core::MemberId member, core::KeyspaceId keyspace, Instant now);
  void agree(core::MemberId member, core::KeyspaceId keyspace) {
    if (!disputes_.empty()) settle({member, keyspace});
  }

  struct Due {
    std::set<core::MemberId> compare;     // notes are to be compared with these
    std::vector<core::MemberId> tell;     // and this is worth a line in the log, once
    std::vector<core::MemberId> settled;  // of which there was a line
  };
  Due take(Instant now);

 private:
  using Where = std::pair<core::MemberId, core::KeyspaceId>;
  struct Dispute {
    Instant since;
    Instant last;
    Instant compare_at;
    bool told = false;
  };
  void settle(const Where& where);

  std::map<Where, Dispute> disputes_;
  std::vector<core::MemberId> settled_;
};

}  // namespace distcache::engine
