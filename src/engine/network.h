#pragma once

#include <atomic>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/cluster/membership.h"
#include "engine/exchange.h"
#include "engine/missed_writes.h"
#include "engine/node.h"
#include "transport/transport.h"

namespace distcache::engine {

// What the rest of the engine may ask about the cluster from any thread.
struct ClusterState {
  bool settled = false;  // discovery has answered or its attempts are spent
  uint32_t live = 1;     // members of the view, this node included
  // Another live member has this node's name.
  bool duplicate = false;

  friend bool operator==(const ClusterState&, const ClusterState&) = default;
};

// A node's side of the cluster: turns what the transport reports and the time into steps of
// membership and exchange, and performs what they answer. The engine drives it in a loop on the I/O
// thread, the simulator on virtual time.
//
// Everything but state() belongs to the thread that drives it.
class Network final : public TransportSink {
 public:
  struct Options {
    core::MembershipOptions membership;
    Duration heartbeat = Duration::ms(250);  // between an owner and those that it lent something
    // Tells the host; must not block.
    std::function<void(const core::PeerEvent&)> on_event;
  };

  Network(Node& node, Transport& transport, Options options);

  void discovered(std::span<const core::Address> addresses);
  // One round: what the other threads want, what the network brings (waiting for it for at most
  // `wait`), what is due.
  void step(Duration wait);
  // When step() should come again if nothing happens before.
  Instant next_deadline() const;
  // Says goodbye. The messages are handed to the transport; nothing is waited for.
  void leave();

  ClusterState state() const;
  const ExchangeCounters& counters() const { return exchange_.counters(); }

  // TransportSink
  void on_request(Plane plane, RouteId route, Parts parts) override;
  void on_reply(LinkId link, Parts parts) override;
  void on_link_up(LinkId link) override;
  void on_link_down(LinkId link, bool refused) override;

 private:
  void drain_inbox();
  void perform(core::Actions actions);
  void perform(const core::OpenMembership& action, core::Actions& out);
  void perform(const core::CloseMembership& action, core::Actions& out);
  void perform(const core::Say& action, core::Actions& out);
  void perform(const core::Answer& action, core::Actions& out);
  void perform(const core::OpenData& action, core::Actions& out);
  void perform(const core::CloseData& action, core::Actions& out);
  void perform(const core::ViewChanged& action, core::Actions& out);
  void perform(const core::PeerEvent& action, core::Actions& out);
  std::optional<Parts> encode(core::Body body) const;
  std::optional<core::Message> decode(const Parts& parts);
  bool open(core::PeerSlot slot, const core::Address& address);
  void open_again(Instant now);
  void repair(core::MemberId member, bool forgotten);
  void settle_disagreements(Instant now);
  void tell_majorities();
  std::string name_of(core::MemberId member) const;
  void publish();

  Node& node_;
  Transport& transport_;
  const std::function<void(const core::PeerEvent&)> on_event_;
  const uint64_t label_hash_;
  core::Membership membership_;
  Exchange exchange_;
  std::unordered_map<core::PeerSlot, LinkId> links_;
  std::unordered_map<LinkId, core::PeerSlot> slots_;
  struct Unopened {
    core::Address address;
    Instant again;
  };
  std::map<core::PeerSlot, Unopened> unopened_;  // for want of descriptors, say
  Instant next_tick_;
  uint64_t malformed_ = 0;
  std::atomic<bool> settled_{false};
  std::atomic<uint32_t> live_{1};
  std::atomic<bool> duplicate_{false};
};

}  // namespace distcache::engine
