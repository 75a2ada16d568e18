#pragma once

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/cluster/lease_lenders.h"
#include "core/cluster/lease_recalls.h"
#include "engine/node.h"
#include "engine/outlet.h"
#include "transport/transport.h"
#include "transport/wire/chunks.h"
#include "transport/wire/codec.h"

namespace distcache::engine {

struct ExchangeCounters {
  uint64_t frames_sent = 0, frames_received = 0, calls_sent = 0, calls_received = 0;
  uint64_t replies_sent = 0, replies_received = 0, replies_unasked = 0;
  uint64_t recalls_sent = 0, recalls_received = 0;  // messages: heartbeats included
  uint64_t foreign = 0;    // of another cluster, or another process than was asked: dropped
  uint64_t malformed = 0;  // not decodable: dropped
  uint64_t refused = 0;    // routes and pieces of values that there was no room for
};

// Calls and replies between this node and its peers on the data plane: one link per peer, whatever
// waits for it leaves in one frame while one is unacknowledged, replies go back as they come, and a
// broken link fails at once what it carried.
//
// Belongs to the thread that owns the transport.
class Exchange {
 public:
  Exchange(Node& node, Transport& transport, uint64_t label_hash, Duration heartbeat);

  // -- peers, as membership says. A link that cannot be opened (descriptors, say) is tried again.
  void open(core::MemberId member, const core::Address& address);
  void close(core::MemberId member);
  bool up(core::MemberId member) const;
  bool owns(LinkId link) const { return by_link_.contains(link); }
  core::MemberId member_of(LinkId link) const;

  // -- from the node
  void call(OutgoingCall call);
  void reply(OutgoingReply reply);
  void grant(OutgoingGrant grant);
  void recall(OutgoingRecall recall);
  // What the envelopes say of this node from now on.
  void set_identity(uint64_t incarnation, uint64_t epoch) {
    incarnation_ = incarnation;
    epoch_ = epoch;
  }

  // -- from the transport
  void on_request(RouteId route, const Parts& parts);
  void on_reply(LinkId link, const Parts& parts);
  void on_link_up(LinkId link);
  void on_link_down(LinkId link);

  // Sends what waits; call after every round of input.
  void flush();
  void tick(Instant now);
  bool idle() const;
  // The highest since it was asked last: one that is forged hides the others only once.
  uint64_t take_epoch_heard() { return std::exchange(epoch_heard_, 0); }
  const ExchangeCounters& counters() const { return counters_; }

 private:
  struct Outstanding {
    CallTicket ticket;
    Instant deadline;
    uint64_t sequence = 0;   // of the frame it left in
    std::string repair_key;  // of a call that nobody waits for
  };
  struct Peer {
    core::MemberId member = 0;
    core::Address address;
    LinkId link = 0;                     // 0: could not be opened
    Instant open_at = Instant::never();  // then that is tried again
    bool up = false;
    Instant waited_until;  // for the link, while it is not up: then calls for it fail at once
    std::deque<OutgoingCall> queue;
    std::unordered_map<uint64_t, Outstanding> outstanding;
    uint64_t sequence = 0;      // of the last frame with calls
    uint64_t acknowledged = 0;  // the highest one that the peer has seen, or that is given up
    Instant sent_at;            // of the last frame with calls
    uint64_t heard = 0;         // the highest one that the peer has acknowledged itself
    Instant heard_by = Instant::never();  // by when it must have acknowledged a later one
    Outlet outlet;
    wire::Reassembler chunks{0};
  };
  struct Route {
    core::MemberId member = 0;  // who asks on it
    std::deque<core::Reply> ready;
    size_t ready_bytes = 0;  // of their values
    std::deque<core::LoadGrant> grants;
    uint64_t acknowledge = 0;
    bool acknowledge_due = false;
    Outlet outlet;
    wire::Reassembler chunks{0};
    Instant last_used;
    bool idle() const { return ready.empty() && grants.empty() && outlet.idle(); }
  };
  using Routes = std::map<RouteId, std::unique_ptr<Route>>;

  core::Envelope envelope(core::MemberId to) const;
  std::optional<core::Message> decode(const Parts& parts);
  // the asking side
  void connect(Peer& peer);
  void flush_peer(Peer& peer);
  core::Batch next_calls(Peer& peer, Buffer& large);
  void fail(Peer& peer);
  void fail_unheard(Peer& peer);
  Duration stood_still(Instant now);
  Duration unread_for() const;
  void fail_after(Peer& peer, uint64_t sequence, bool sent);
  void lost(core::MemberId member, const CallTicket& ticket, const std::string& key, bool sent);
  void refuse(const OutgoingCall& call, Status status, std::string why);
  // the answering side
  void serve(RouteId id, core::MemberId from, Route& route, core::Batch batch);
  void flush_route(RouteId id, Route& route);
  void send_grants(RouteId id, Route& route);
  core::Batch next_replies(Route& route, Buffer& large);
  void add_reply(Route& route, core::Reply reply);
  Route& route_of(RouteId id);
  void make_room_for_route();
  // what is lent
  void on_lease_message(const core::Message& message);
  void send_leases();
  void say(core::MemberId to, core::Body body);
  // both
  void add_piece(wire::Reassembler& chunks, core::Chunk chunk);
  uint64_t bytes_announced() const;

  Node& node_;
  Transport& transport_;
  const uint64_t label_hash_;
  uint64_t incarnation_ = 0;
  uint64_t epoch_ = 0;
  uint64_t epoch_heard_ = 0;
  uint64_t next_call_id_;
  std::map<core::MemberId, std::unique_ptr<Peer>> peers_;
  std::unordered_map<LinkId, Peer*> by_link_;
  Routes routes_;
  std::vector<RouteId> dirty_routes_;
  Instant ticked_before_, ticked_at_;  // the last two ticks
  core::LeaseRecalls recalls_;
  core::LeaseLenders lenders_;
  ExchangeCounters counters_;
};

}  // namespace distcache::engine
