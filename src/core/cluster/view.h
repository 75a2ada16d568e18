#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/cluster/ring.h"
#include "core/types.h"

namespace distcache::core {

// What this node knows of its way to a member.
enum class Reach : uint8_t {
  up,       // messages flow
  pending,  // just met, the data link is being made: messages wait for it
  down,     // the link broke less than a second ago, or the process is gone: routed around
};

struct ViewMember {
  RingMember ring;
  std::string name;
  uint64_t incarnation = 0;
  Reach reach = Reach::up;
};

// Who owns the keys of one keyspace, as one node sees it: an immutable snapshot, shared between
// threads. The ring is a function of the member set alone; reach is this node's own knowledge, and
// decides who acts for an owner that cannot be reached. No function but the constructor allocates.
class View {
 public:
  // `members`: those that can load the keyspace, this node included if it is one of them.
  // `before`: the members as they would be if none had been removed in silence, where that makes a
  // difference: those may still serve the keys that they owned.
  View(MemberId self, std::vector<ViewMember> members, std::vector<ViewMember> before = {});

  // Equal at two nodes exactly if their rings have the same members (name, incarnation, weight).
  // Compared for equality only.
  uint64_t id() const { return id_; }
  MemberId self() const { return self_; }
  const std::vector<ViewMember>& members() const { return members_; }  // by id, each id once
  const ViewMember* find(MemberId id) const;

  // The first candidate that is not down, and how many candidates before it are: 0 means that the
  // owner itself acts. member = 0 if there is nobody at all.
  struct Acting {
    MemberId member = 0;
    uint32_t skipped = 0;
  };
  Acting acting_owner(uint64_t key_hash) const;
  // Whether both lead every key to the same member, from the same one.
  bool leads_like(const View& other) const;
  // The first candidate behind `after` that is not down; 0 if none. Where `after` is not in the
  // view, the first candidate that is not down.
  MemberId next_candidate(uint64_t key_hash, MemberId after) const;
  // The owner of the key, reachable or lost; nullptr if there is nobody at all.
  const ViewMember* owner_or_lost(uint64_t key_hash) const;
  // That owner, if it is down or lost: a write that somebody else applies misses it.
  const ViewMember* missed_owner(uint64_t key_hash) const;
  // Whether the member cannot be reached or was lost in silence.
  bool misses(MemberId id) const;
  bool self_acts(uint64_t key_hash) const {
    return self_ != 0 && acting_owner(key_hash).member == self_;
  }
  // And not for another one.
  bool self_owns(uint64_t key_hash) const {
    const Acting acting = acting_owner(key_hash);
    return self_ != 0 && acting.member == self_ && acting.skipped == 0;
  }
  // Whether it acts for an owner that it does not reach, and that may run all the same.
  bool self_acts_for_another(uint64_t key_hash) const {
    return self_acts(key_hash) && !self_owns(key_hash);
  }
  // The other member that comes first for the key, reachable, down or lost in silence: it acts for
  // this node, if this is the owner, where somebody misses it. nullptr if there is no other.
  const ViewMember* heir(uint64_t key_hash) const;

 private:
  MemberId self_;
  std::vector<ViewMember> members_;
  Ring ring_;
  uint64_t id_;
  bool all_reachable_;
  std::vector<ViewMember> before_;  // by id
  Ring ring_before_;
};

using ViewPtr = std::shared_ptr<const View>;

}  // namespace distcache::core
