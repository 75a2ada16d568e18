#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/cluster/actions.h"
#include "core/cluster/contacts.h"
#include "core/cluster/peers.h"
#include "core/cluster/refusals.h"
#include "core/cluster/swim/failure_detector.h"
#include "core/cluster/swim/rumours.h"

namespace distcache::core {

struct MembershipOptions {
  // This node's own record, complete: name, addresses with their real ports, keyspaces, and an
  // incarnation larger than that of the process before it (the time in microseconds, say).
  Member self;
  std::string label;
  size_t peers_max = 256;
  Duration join_retry_interval = Duration::seconds(1);
  uint32_t join_attempts_max = 10;
  Duration link_grace = Duration::seconds(1);  // see PeersOptions
  bool loopback_only = false;                  // nothing may travel in plain to another machine
  SwimOptions swim;
  uint64_t nonce_seed = 0;  // random, so that answers to probes cannot be guessed
};

// Who is a member, as seen by one node. The rules:
//
//  - For every known address there is one membership link, on which this node asks: Hello when the
//    link comes up, when its own record changes, now and then, and again until a Welcome answers. A
//    link that swallows two Pings is made anew.
//  - A member enters the view only by speaking to this node itself (its Hello or its Welcome).
//    What it tells of others is where to connect to.
//  - A member leaves the view when it has been suspected for long enough (SWIM and Lifeguard, see
//    swim/), when every member finds that its data port refuses connections, or by its own Leave.
//    A data link that breaks makes this node look, and go around the member meanwhile.
//  - Of one name only the newest incarnation counts. A process that finds itself outdated (its
//    clock was set back) raises its own; nobody else ever does. While a member is alive another
//    one of its name is refused.
//
// Pure: no thread, lock, clock or randomness. Lives on the I/O thread of the engine, which performs
// the actions in order; the same inputs give the same actions. Time and memory are linear in the
// contacts, at most peers_max. After leave() every input is ignored.
class Membership {
 public:
  explicit Membership(MembershipOptions options);

  // The whole list that discovery found, each time it was asked; may name this node too.
  void discovered(std::span<const Address> addresses, Instant now, Actions& out);

  void on_link_up(PeerSlot slot, Instant now, Actions& out);
  void on_link_down(PeerSlot slot, bool refused, Instant now, Actions& out);
  // A message at our listening socket, or on one of our links. False if it has no business there:
  // count it as hostile or broken.
  bool on_request(RouteTag route, const Message& message, Instant now, Actions& out);
  bool on_reply(PeerSlot slot, const Message& message, Instant now, Actions& out);

  void on_data_up(MemberId member, Instant now, Actions& out);
  // `refused`: the machine answered that no process listens there.
  void on_data_down(MemberId member, bool refused, Instant now, Actions& out);

  void set_keyspaces(std::vector<MemberKeyspace> keyspaces, Instant now, Actions& out);
  // The member was seen to have another view than this node: the two tell each other all they know.
  void compare_notes(MemberId member, Instant now, Actions& out);
  void leave(Actions& out);
  void tick(Instant now, Actions& out);
  Instant next_deadline() const;

  // Lamport clock of the views: the highest epoch heard + 1 at each ViewChanged. Epochs on the data
  // plane have to be reported too.
  uint64_t epoch() const { return epoch_; }
  void on_epoch_heard(uint64_t epoch);

  const Member& self() const { return self_; }
  std::vector<MemberStatus> members() const;         // by id, this node and those lost included
  size_t live() const { return peers_.live() + 1; }  // in the view, this node included

  // Whether open() need not wait any longer: there is nobody to join, or somebody answered and
  // whoever was heard of is met or known to be gone, or the attempts are spent. Stays true.
  bool settled() const { return settled_; }
  // Set while another live member has this node's name, as it went on saying for some seconds.
  std::optional<Error> identity_conflict() const;
  const Contacts& contacts() const { return contacts_; }  // for people to look at

 private:
  // What to do with a record that a member says is its own.
  struct Verdict {
    enum class Kind : uint8_t { accepted, outdated, ourselves, refused };
    Kind kind = Kind::refused;
    Status status = Status::ok;
    std::string message;
  };

  // How an address came to be known, the least trusted first.
  enum class Known : uint8_t { hearsay, listed, met };

  // A Hello or Welcome tells of all members, or of some in whose answers all others are named.
  enum class Tell : uint8_t { few, all };

  // membership.cpp: links, discovery, time
  bool take_request(RouteTag route, const Message& message, Instant now, Actions& out);
  Contact* reach_out(const Address& address, Known how, Instant now, Actions& out);
  Contact* worst_contact(Known how);
  void drop_silent_contacts(Instant now, Actions& out);
  bool is_own(const Address& address) const;
  void say_hello(Contact& contact, Instant now, Actions& out) {
    say_hello(contact, Tell::few, now, out);
  }
  void say_hello(Contact& contact, Tell tell, Instant now, Actions& out);
  void say_hello_to_all(Instant now, Actions& out);
  void keep_one_link(Contact& contact, const Address& own, Actions& out);
  void lead(Contact& contact, MemberId member, Instant now);
  void await_welcome(Contact& contact, Instant due);
  void say_hellos_due(Instant now, Actions& out);
  void follow_moves(Instant now, Actions& out);
  void sweep_contacts_of(MemberId member, Instant now, Actions& out);
  static bool has_answered(const Contact& contact);
  bool is_awaited(const Contact& contact) const;
  bool joined_up(Instant now);
  void finish(Instant now, Actions& out);

  // membership_talk.cpp: what members say to each other
  Verdict judge(const Member& record);
  Verdict judge_known(const MemberStatus& known, const Member& record);
  bool may_speak_to(const Member& record) const;
  static bool is_alive(const MemberStatus& member);
  void accept(const Member& record, Instant now, Actions& out);
  void on_hello(RouteTag route, const Message& message, Instant now, Actions& out);
  bool on_welcome(Contact& contact, const Message& message, Instant now, Actions& out);
  void on_welcomed(Contact& contact, const Welcome& welcome, Instant now, Actions& out);
  void on_refused(Contact& contact, Status status, std::string why, Instant now, Actions& out);
  void tell_of_refusal(PeerEvent event, Instant now, Actions& out);
  bool on_leave(const Message& message, Instant now, Actions& out);
  void challenge(const Envelope& from, Instant now, Actions& out);
  void defend(std::span<const Member> records, Instant now, Actions& out);
  void outbid(uint64_t incarnation, Instant now, Actions& out);
  void hear_members(std::span<const Member> records, Instant now, Actions& out);
  void hear(std::span<const Member> records, Instant now, Actions& out);
  void hear_of_loss(std::span<const Member> records, MemberId from, Actions& out) const;
  std::vector<Member> told_to(MemberId to, const Member* about_itself, Tell tell) const;
  std::vector<const MemberStatus*> worth_telling(Tell tell) const;

  // membership_swim.cpp: who is alive
  void probe(Instant now, Actions& out);
  void perform(const FailureDetector::Outcome& outcome, Instant now, Actions& out);
  bool say_ping(MemberId to, uint64_t nonce, Actions& out);
  void on_ping(RouteTag route, const Message& message, Instant now, Actions& out);
  void on_probe_request(RouteTag route, const Message& message, Instant now, Actions& out);
  bool on_probe_reply(const Contact& contact, const Message& message, Instant now, Actions& out);
  void accuse(MemberId member, MemberId accuser, bool refused, Instant now, Actions& out);
  void acquit(const MemberStatus& known, uint64_t revision, Instant now, Actions& out);
  void bury(MemberId member, bool silent, std::string why, Instant now, Actions& out);
  void refute(uint64_t revision, Instant now, Actions& out);
  void tell_others_of(const MemberStatus& member);
  void hear_rumours(std::span<const Rumour> rumours, Instant now, Actions& out);
  void hear_rumour(const Rumour& rumour, const MemberStatus& known, Instant now, Actions& out);
  void contradict(const Rumour& rumour, const MemberStatus& known, Instant now, Actions& out);
  void gossip(Instant now, Actions& out);
  std::vector<Rumour> rumours_for(MemberId member);

  MembershipOptions options_;
  Member self_;
  uint64_t first_incarnation_;
  uint64_t label_hash_;
  Contacts contacts_;
  Peers peers_;
  FailureDetector detector_;
  Rumours rumours_;
  Refusals refusals_;
  Instant gossip_due_;
  Instant exchange_due_ = Instant::never();
  uint64_t epoch_ = 1;
  std::vector<MemberId> moved_;            // whose contacts have to be looked at
  Instant hellos_due_ = Instant::never();  // or earlier: when the next one is said again
  PeerSlot awaited_ = 0;                   // the contact that kept us from being settled
  bool changed_ = false;                   // of self_; the peers know of themselves
  bool asked_ = false;                     // discovery has answered once
  bool listed_waited_ = false;
  bool settled_ = false;
  bool identity_refused_ = false;  // ever
  bool left_ = false;
  uint32_t outbids_ = 0;
  Instant outbid_from_;                      // not before
  Instant listed_until_ = Instant::never();  // how long listed addresses are waited for
  Instant attempts_until_ = Instant::never();
};

}  // namespace distcache::core
