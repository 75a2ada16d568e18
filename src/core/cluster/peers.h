#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/cluster/actions.h"
#include "core/cluster/view.h"

namespace distcache::core {

struct PeersOptions {
  size_t peers_max = 256;
  Duration link_grace = Duration::seconds(1);     // for the first data link to a member that joined
  Duration silent_grace = Duration::seconds(60);  // how long writes name a member lost in silence
  Duration forget_after =
      Duration::seconds(3600);  // of those dead or left: discovery may name them
};

// A member as this node sees it.
struct MemberStatus {
  Member record;  // record.state: alive and suspect are in the view, dead and left are not
  Reach reach = Reach::up;  // of the data link, which others may find in another state
  Instant since;            // of the present state
  std::string why;          // of suspect, dead and left: a sentence
  bool self = false;
  // Dead as far as one can tell, but nothing proves that its process has ended: it may be cut off,
  // serve what it has, and come back. For `silent_grace` at most.
  bool silent = false;
  uint64_t last_word = 0;  // the highest revision that anybody has told: record.revision or more

  bool in_view() const {
    return record.state == MemberState::alive || record.state == MemberState::suspect;
  }
};

// The other members, the data links to them, and what is thought of each:
//
//   state   alive <-> suspect -> dead    as the failure detector finds
//   reach   pending -> up <-> down       as the data link does
//   dead -> alive/up, when it has spoken to us and its data link is up: "returned"
//   any  -> left, by its own word: final for that incarnation
//
// One that is suspect or down is in trouble: the user is told when that begins and ends.
// A dead member keeps its data link, which goes on trying, until it is forgotten: after an hour, or
// to make room. No word but its own brings back one that was forgotten, and then it has joined.
// Part of Membership, which decides who may enter.
class Peers {
 public:
  explicit Peers(PeersOptions options) : options_(options) {}

  const MemberStatus* find(MemberId id) const;
  bool in_view(MemberId id) const;
  // A member, not `but`, that has this membership address and has not been given up.
  const MemberStatus* at(const Address& membership, MemberId but) const;
  bool has_room_for(MemberId id) const;

  // The member spoke to us itself and may enter: it joins, replaces its older incarnation, updates
  // its record or returns.
  void accept(const Member& record, Instant now, Actions& out);
  void suspect(MemberId id, std::string why, Instant now, Actions& out);
  void acquit(MemberId id, Instant now, Actions& out);
  void set_last_word(MemberId id, uint64_t revision);
  // Dead. `silent`: nothing proves that its process has ended.
  void bury(MemberId id, std::string why, bool silent, Instant now, Actions& out);
  void remove(MemberId id, MemberState state, std::string why, Instant now, Actions& out);
  // The process is gone for good: its data link is given up too.
  void replace(MemberId id, std::string why, Instant now, Actions& out);

  void on_data_up(MemberId id, Instant now, Actions& out);
  // True for the first refusal since the link was last up.
  bool on_data_down(MemberId id, bool refused, Instant now, Actions& out);
  bool data_refused(MemberId id) const;  // since it was last up

  void tick(Instant now, Actions& out);
  Instant next_deadline() const { return next_due_; }  // or nothing is due yet

  std::vector<const MemberStatus*> all() const;  // by id; valid until the next input
  // The next one in the view behind `id`, in the circle of all ids; nullptr if there is none.
  const MemberStatus* after(MemberId id) const;
  uint64_t joined() const { return joined_; }  // how often somebody entered the view
  size_t live() const { return live_; }        // in the view now
  bool take_changed() { return std::exchange(changed_, false); }
  // Whoever entered or left the view, or was forgotten, since the last time; some more than once.
  std::vector<MemberId> take_moved() { return std::exchange(moved_, {}); }

 private:
  struct Peer {
    MemberStatus status;
    bool data_open = false;
    bool data_up = false;
    bool data_refused = false;  // since it was up
    // Of giving up waiting: for its first link, or for news, or for it to come back.
    Instant due = Instant::never();
    Instant placed;         // when it came into its place in the ring
    bool outdated = false;  // silent, and nobody keeps for it all that was written meanwhile
  };

  Peer* find_peer(MemberId id);
  void keep_place(const Member& record, bool keep);
  void wait_until(Peer& peer, Instant due);
  void enter(Peer& peer, const Member& record, Instant now, Actions& out);
  void update(Peer& peer, const Member& record, Instant now, Actions& out);
  void bring_back(Peer& peer, Instant now, Actions& out);
  void change(Peer& peer, MemberState state, Reach reach, std::string why, Instant now,
              Actions& out);
  void outdate_silent(const Peer& by);
  void drop(Peer& peer, MemberState state, std::string why, Instant now, Actions& out);
  void open_data(Peer& peer, Actions& out);
  void close_data(Peer& peer, Actions& out);
  void make_room(Actions& out);
  void forget(MemberId id, Actions& out);
  static void tell(const Peer& peer, PeerEvent::Kind kind, Actions& out);

  PeersOptions options_;
  std::map<MemberId, Peer> peers_;
  std::set<std::pair<uint64_t, MemberId>> places_;  // who is where: hashes of membership addresses
  std::vector<MemberId> moved_;
  Instant next_due_ = Instant::never();  // or earlier
  uint64_t joined_ = 0;
  size_t live_ = 0;
  bool changed_ = false;
};

}  // namespace distcache::core
