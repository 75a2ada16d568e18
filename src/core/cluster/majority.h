#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/types.h"

namespace distcache::core {

// What a member says of the ring of a keyspace when it is asked.
struct RingWord {
  uint64_t ring_id = 0;    // of the ring that it sees now
  uint64_t agreed_id = 0;  // of the one that all of it agreed on last
  uint64_t number = 0;     // of that agreement; 0: there was none yet
  bool consents = false;   // that ring has a majority of every one that it may be counted in
};

// Whether this node may call the keys of one keyspace its own (partition = bounded). It may while a
// majority of the last agreed ring goes on to confirm it: no two parts of a cluster that do not
// reach each other can both have that, so that the others can only write what this node owns once
// its confirmation has run out (Gray and Cheriton, "Leases", SOSP 1989, with a majority as the
// grantor; which majority: dynamic voting, Jajodia and Mutchler, TODS 15(2), 1990).
//
//  - A member confirms by answering with the ring id that this node sees as well, if it consents
//    to that ring. That counts for a lease from when it was asked: an answer that was under way for
//    long counts for less.
//  - A ring is agreed when all of its members name it, those of an agreement that is not older
//    than this node's, or may be, consent, and it has a majority of the last agreed one. Agreements
//    are numbered: who hears of a later one than its own has been left out of it, and owns nothing
//    until it is part of the next.
//  - A ring that this node named and that was not agreed here may have been agreed elsewhere, just
//    as a link broke. Of each of those it needs a majority as well, until the next agreement; of
//    very many, all members.
//  - A new process does not know what the one before it has agreed on: it counts for nothing until
//    it is part of an agreement itself.
//  - Nor do those count that have left, or ended: they may have been part of a later agreement, of
//    which others are left that this node does not see.
//  - Exactly half is a majority if the lowest name is among them.
//  - In place of a majority of a ring will do all of it that are not gone, new processes too, with
//    all others whom this node sees, if discovery lists nobody else: whoever may remember a later
//    agreement is there, then, and tells.
//
// Pure: no thread, lock or clock.
class Majority {
 public:
  struct Peer {
    MemberId id = 0;
    std::string name;

    friend bool operator==(const Peer&, const Peer&) = default;
  };

  Majority(MemberId self, Duration lease) : self_(self), lease_(lease) {}
  void set_lease(Duration lease) { lease_ = lease; }

  using Addresses = std::vector<std::string>;

  // The ring as this node sees it from now on, and the addresses that discovery lists and that lead
  // to nobody whom it sees, in the ring or not.
  void on_view(uint64_t ring_id, std::vector<Peer> members, Addresses strangers, Instant now);
  void set_strangers(Addresses addresses, Instant now);
  // What a member answered. `asked_at`: before it could have known of the question.
  void on_word(MemberId from, const RingWord& word, Instant asked_at, Instant now);
  // It will not come back: it left, its process has ended, discovery does not list it any more.
  void forget(MemberId member);

  RingWord word(Instant now) const;
  // Until when the keys are this node's, if nobody says another word. In the past: they are not.
  Instant confirmed_until() const;
  // Those that are missed, for the people who read it: never empty while unconfirmed.
  std::vector<std::string> missing(Instant now) const;
  const std::vector<Peer>& ring() const { return ring_; }
  // Those that it counts on and that are not in the ring.
  std::vector<MemberId> absent() const;
  uint64_t ring_id() const { return ring_id_; }
  uint64_t number() const { return number_; }

 private:
  struct Heard {
    RingWord word;  // the last one
    Instant asked_at;
    bool named = false;    // the ring that this node sees now
    Instant confirmed_at;  // of the last one that confirmed this node
  };

  bool in_ring(MemberId member) const;
  bool outranked() const;
  Instant named_until(const Peer& peer) const;
  Instant remembered_until(const Peer& peer) const;
  Instant confirmed_until(const Peer& peer) const;
  void keep_together();
  using Until = Instant (Majority::*)(const Peer&) const;
  Instant most_until(const std::vector<Peer>& members, Until until) const;
  Instant all_until(const std::vector<Peer>& members, Until until) const;
  Instant held_until(const std::vector<Peer>& members, Until until) const;
  Instant crowd_until(Until until) const;
  Instant bound_until(Until until) const;
  bool consents(Instant now) const;
  void agree(Instant now);
  void set_agreed(uint64_t number);

  const MemberId self_;
  Duration lease_;
  uint64_t ring_id_ = 0;
  std::vector<Peer> ring_;
  std::vector<MemberId> ring_ids_;  // of those, in order
  uint64_t agreed_id_ = 0;
  uint64_t number_ = 0;
  std::vector<Peer> agreed_;
  std::map<uint64_t, std::vector<Peer>> named_;  // since then, by ring id
  std::vector<Peer> crowd_;                      // of more of those than are kept apart
  bool crowd_lost_ = false;                      // and some are gone that were among them
  std::map<MemberId, Heard> heard_;
  Addresses strangers_;
  std::set<MemberId> gone_;  // of those in the rings above
};

}  // namespace distcache::core
