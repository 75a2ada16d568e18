#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/cluster/majority.h"
#include "core/cluster/peers.h"
#include "engine/inbox.h"
#include "engine/keyspace.h"

namespace distcache::engine {

// For each keyspace with partition = bounded: asks the members of its ring what ring they see, four
// times in a lease, and tells its shards until when a majority confirms them.
//
// Belongs to the thread that owns the network.
class Majorities {
 public:
  Majorities(core::MemberId self, Inbox& inbox) : self_(self), inbox_(inbox) {}

  // What this node answers to a member that asks.
  core::Reply answer(uint64_t call, const Keyspace& keyspace, Instant now);
  void on_answer(const Keyspace& keyspace, core::MemberId from, const core::Reply& reply,
                 Instant asked_at, Instant now);
  // Addresses that discovery lists and that lead to no member of the view, and the members that
  // the listed ones lead to or have led to.
  void discovered(std::vector<std::string> strangers, std::set<core::MemberId> listed);
  void tick(const std::vector<std::shared_ptr<Keyspace>>& keyspaces,
            const std::shared_ptr<const std::vector<core::MemberStatus>>& members, Instant now);

 private:
  struct Bounded {
    Bounded(core::MemberId self, Duration lease) : majority(self, lease) {}
    core::Majority majority;
    Instant ask_at;
    Instant told_until;  // to the shards
    std::vector<std::string> told_missing;
    bool told_end = true;          // and that the lease after it is over
    std::weak_ptr<Keyspace> told;  // whose shards they are, and with which options
    uint64_t told_options = 0;
  };
  using Members = std::vector<core::MemberStatus>;

  void look_at(const Members& members);
  void forget(const Members& members);
  bool is_gone(core::MemberId member, const Members& members) const;
  void follow(Bounded& bounded, Keyspace& keyspace, const Members& members, Instant now);
  void ask(Bounded& bounded, const std::shared_ptr<Keyspace>& keyspace, Instant now);
  static void tell(Bounded& bounded, const std::shared_ptr<Keyspace>& keyspace, Instant now);

  const core::MemberId self_;
  Inbox& inbox_;
  std::map<core::KeyspaceId, Bounded> bounded_;
  std::vector<std::string> strangers_ = {"whoever discovery will list"};
  std::set<core::MemberId> listed_, unlisted_;
  std::set<core::MemberId> silent_;  // lost, and nothing proves that they have ended
};

}  // namespace distcache::engine
