#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "transport/memory/path.h"
#include "transport/transport.h"

namespace distcache::memory {

enum class Mode : uint8_t {
  tcp,    // in order, never twice; a loss breaks the link, and what was under way goes with it
  lossy,  // single messages are lost, repeated and overtaken
};

// One run of a node, from its start to its crash or close. Never used again. 0 is none.
using Session = uint64_t;

// What waits for a node's poll().
struct Inbound {
  enum class Kind : uint8_t { request, reply, link_up, link_down };
  Kind kind = Kind::request;
  Plane plane = Plane::data;
  uint64_t id = 0;          // the route of a request, else the link
  uint64_t connection = 0;  // of link_up: the one that may now be sent on
  bool refused = false;     // of link_down
  Parts parts;
};

// The network itself on virtual time: nodes, links, connections, and the queue of what falls due.
// Pure: no lock, no clock, all randomness from its seed, so the same calls give the same
// deliveries. One thread at a time.
class Fabric {
 public:
  struct Options {
    uint64_t seed = 1;
    Mode mode = Mode::tcp;
    size_t queue_messages_max = 1000;  // under way in one direction of a connection, else `full`
    Instant start = {};
  };
  explicit Fabric(const Options& options);

  Session start(NodeId node);  // crashes what still runs there
  void stop(Session session);  // peers learn it as after the end of a process
  bool is_running(Session session) const { return processes_.contains(session); }
  Session running(NodeId node) const;

  // As in Transport.
  Result<BoundPorts> bind(Session session, const BindOptions& options);
  Result<LinkId> connect(Session session, Plane plane, const std::string& host, uint16_t port);
  void disconnect(Session session, LinkId link);
  SendResult send(Session session, LinkId link, const Parts& parts);
  SendResult reply(Session session, Plane plane, RouteId route, const Parts& parts);
  bool has_inbound(Session session) const;
  bool take(Session session, Inbound& inbound);  // false: nothing waits

  void set_default_path(const PathSettings& settings) { default_path_ = settings; }
  void set_path(NodeId from, NodeId to, const PathSettings& settings) {
    paths_[{from, to}] = settings;
  }
  void block(NodeId from, NodeId to);
  void unblock(NodeId from, NodeId to);
  void unblock_all();
  void pause(NodeId node);
  void resume(NodeId node);

  Instant now() const { return now_; }
  Instant next_event() const;  // now() while something waits to be taken; never() when all is still
  Instant next_due() const;    // of the queue alone
  bool advance_to(Instant to);  // whether anything fell due
  uint64_t trace_hash() const { return trace_; }

 private:
  using HostPort = std::pair<std::string, uint16_t>;
  using Direction = std::pair<NodeId, NodeId>;

  struct Process {
    NodeId node = 0;
    bool bound = false;
    std::deque<Inbound> inbox;
  };
  struct Listener {
    Session session = 0;
    Plane plane = Plane::data;
  };
  struct Link {
    Session owner = 0;
    NodeId node = 0;
    Plane plane = Plane::data;
    HostPort to;
    uint64_t connection = 0;  // the established one
    uint64_t usable = 0;      // the one that the owner has been told of: may be gone already
    bool refused_told = false;
    Duration retry_delay;
  };
  struct Lane {       // one direction of a connection
    Instant horizon;  // tcp: nothing arrives before what was sent earlier
    size_t under_way = 0;
    std::vector<Parts> held;  // behind a cut, in order
  };
  struct Connection {
    LinkId link = 0;
    Plane plane = Plane::data;
    Session from = 0, to = 0;
    NodeId from_node = 0, to_node = 0;
    std::array<Lane, 2> lanes;  // requests, replies
    bool doomed = false;        // lost a message: the rest is lost too until the link breaks
    bool stalled = false;       // cut in some direction, or an end is paused
    uint64_t stall = 0;         // counts them
  };
  struct Event {
    enum class Kind : uint8_t { message, attempt, established, refused, broken, silence, release };
    Instant due;
    uint64_t order = 0;
    Kind kind = Kind::message;
    bool is_reply = false;
    uint64_t id = 0;     // a connection; a link for attempt, established and refused
    uint64_t stall = 0;  // of silence
    Parts parts;
  };

  void schedule(Instant due, Event::Kind kind, uint64_t id);
  void schedule(Event event);
  void handle(Event event);
  void on_message(Event& event);
  void on_attempt(LinkId id);
  void on_established(LinkId id);
  void on_refused(LinkId id);
  void on_broken(uint64_t id);
  void on_silence(uint64_t id, uint64_t stall);
  void on_release(uint64_t id);

  SendResult transmit(uint64_t id, Connection& connection, bool is_reply, const Parts& parts);
  void deliver(uint64_t id, Connection& connection, bool is_reply, Parts parts);
  void push(Session session, Inbound inbound);
  void link_lost(LinkId id, bool refused);
  void retry_later(LinkId id, Link& link);
  void break_soon(uint64_t id, const Connection& connection);
  void review_stalls();
  bool is_cut(const Connection& connection) const;
  bool is_blocked(NodeId from, NodeId to) const { return blocked_.contains({from, to}); }
  const Listener* listener(const Link& link) const;
  const PathSettings& path(NodeId from, NodeId to) const;
  Duration delay(NodeId from, NodeId to);

  const Options options_;
  SeededRng rng_;
  PathSettings default_path_;
  std::map<Direction, PathSettings> paths_;
  std::set<Direction> blocked_;
  std::set<NodeId> paused_;
  std::map<Session, Process> processes_;
  std::map<NodeId, Session> running_;
  std::map<HostPort, Listener> listeners_;
  std::map<HostPort, NodeId> homes_;  // who listened there last: whether a refusal can travel back
  std::map<LinkId, Link> links_;
  std::map<uint64_t, Connection> connections_;
  std::vector<Event> queue_;  // a heap, the earliest on top
  Instant now_;
  uint64_t next_order_ = 0;
  uint64_t next_id_ = 1;  // sessions, links and connections
  uint16_t next_port_ = 20000;
  uint64_t trace_ = 0;
};

}  // namespace distcache::memory
