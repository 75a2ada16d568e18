#pragma once

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/node.h"
#include "transport/transport.h"
#include "transport/wire/chunks.h"
#include "transport/wire/codec.h"

namespace distcache::engine {

// Messages that wait because a bounded queue of the transport was full. Bounded itself: over
// `bytes_max` the newest message is refused.
class Backlog {
 public:
  explicit Backlog(size_t bytes_max) : bytes_max_(bytes_max) {}
  bool push(Parts parts);
  bool empty() const { return waiting_.empty(); }
  // Sends until the transport is full again. False: the destination is gone, nothing is kept.
  template <typename Send>
  bool flush(Send&& send) {
    while (!waiting_.empty()) {
      const SendResult result = send(waiting_.front().parts);
      if (result == SendResult::full) return true;
      if (result == SendResult::unreachable) {
        waiting_.clear();
        bytes_ = 0;
        return false;
      }
      bytes_ -= waiting_.front().bytes;
      waiting_.pop_front();
    }
    return true;
  }

 private:
  struct Waiting {
    Parts parts;
    size_t bytes;
  };
  std::deque<Waiting> waiting_;
  size_t bytes_ = 0;
  size_t bytes_max_;
};

struct ExchangeCounters {
  uint64_t frames_sent = 0, frames_received = 0, calls_sent = 0, calls_received = 0;
  uint64_t replies_sent = 0, replies_received = 0, replies_unasked = 0;
  uint64_t foreign = 0;    // of another cluster: dropped
  uint64_t malformed = 0;  // not decodable: dropped
};

// Calls and replies between this node and its peers on the data plane: one link per peer, whatever
// waits for it leaves in one frame while one is unacknowledged, replies go back as they come, and a
// broken link fails at once what it carried.
//
// Belongs to the thread that owns the transport.
class Exchange {
 public:
  Exchange(Node& node, Transport& transport, uint64_t label_hash, size_t value_bytes_max);

  // -- peers, as membership says
  void open(core::MemberId member, const core::Address& address);
  void close(core::MemberId member);
  bool up(core::MemberId member) const;
  bool owns(LinkId link) const { return by_link_.contains(link); }
  core::MemberId member_of(LinkId link) const;

  // -- from the node
  void call(OutgoingCall call);
  void reply(OutgoingReply reply);
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
  uint64_t epoch_heard() const { return epoch_heard_; }
  const ExchangeCounters& counters() const { return counters_; }

 private:
  struct Outstanding {
    CallTicket ticket;
    Instant deadline;
    std::string repair_key;  // of a call that nobody waits for
  };
  struct Peer {
    core::MemberId member = 0;
    LinkId link = 0;
    bool up = false;
    std::deque<OutgoingCall> queue;
    std::unordered_map<uint64_t, Outstanding> outstanding;
    uint64_t sequence = 0;      // of the last frame with calls
    uint64_t acknowledged = 0;  // the highest one that the peer has seen
    Instant sent_at;            // of the last frame with calls
    wire::Reassembler chunks;
    Backlog backlog;
    Peer(size_t value_bytes_max, size_t backlog_bytes_max)
        : chunks(value_bytes_max), backlog(backlog_bytes_max) {}
  };
  struct Route {
    std::vector<core::Reply> ready;
    uint64_t acknowledge = 0;
    bool acknowledge_due = false;
    wire::Reassembler chunks;
    Backlog backlog;
    Instant last_used;
    Route(size_t value_bytes_max, size_t backlog_bytes_max)
        : chunks(value_bytes_max), backlog(backlog_bytes_max) {}
  };

  core::Envelope envelope() const;
  std::optional<core::Message> decode(const Parts& parts);
  void flush_peer(Peer& peer);
  core::Batch next_frame(Peer& peer, Buffer& large);
  void fail(Peer& peer);
  void lost(core::MemberId member, const CallTicket& ticket, const std::string& key, bool sent);
  void serve(RouteId id, Route& route, core::Batch batch);
  void flush_route(RouteId id, Route& route);
  Route& route_of(RouteId id);
  template <typename Send>
  bool transmit(core::Body body, Backlog& backlog, Send&& send);
  template <typename Send>
  bool transmit_pieces(uint64_t id, bool of_reply, Buffer value, Backlog& backlog, Send&& send);

  Node& node_;
  Transport& transport_;
  const uint64_t label_hash_;
  const size_t value_bytes_max_;
  uint64_t incarnation_ = 0;
  uint64_t epoch_ = 0;
  uint64_t epoch_heard_ = 0;
  uint64_t next_call_id_;
  std::map<core::MemberId, std::unique_ptr<Peer>> peers_;
  std::unordered_map<LinkId, Peer*> by_link_;
  std::map<RouteId, std::unique_ptr<Route>> routes_;
  std::vector<RouteId> dirty_routes_;
  ExchangeCounters counters_;
};

}  // namespace distcache::engine
