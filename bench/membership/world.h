#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "core/cluster/membership.h"

namespace bench {

namespace core = distcache::core;
using distcache::Duration;
using distcache::Instant;

// One member removed another from its view, which had not said goodbye.
struct Loss {
  size_t by = 0;
  size_t about = 0;
  Instant at;
};

struct Traffic {
  uint64_t messages = 0;
  uint64_t bytes = 0;  // of the encoded messages, without what ZeroMQ and TCP add
};

// Many Memberships and nothing else, in one thread and on virtual time: the same seed plays the
// same. Links are whole and in order, as TCP's are; a message takes 0.2 to 1 ms.
class World {
 public:
  World(size_t nodes, const core::SwimOptions& swim, uint64_t seed);

  // Everybody starts within a second and knows the first three. The time until all see all.
  Duration form();
  void run(Duration time) { run_until(now_ + time); }
  // Until it is so; false if it is not within `most`. Looked at every 10 ms.
  bool run_until(const std::function<bool()>& so, Duration most);

  // One more, which knows the first three.
  size_t join();
  void leave(size_t node);
  // The process ends and its machine says so; or its host falls silent, and who has a link to it
  // is told after `links_break` (never() here: only the probes notice).
  void kill(size_t node);
  void silence(size_t node, Duration links_break);
  // The node handles no message and sends none for so long, though its clock ticks on: what comes
  // for it and what it says waits. This is how the Lifeguard paper makes members slow.
  void hold(size_t node, Duration time);

  size_t size() const { return nodes_.size(); }
  Instant now() const { return now_; }
  bool running(size_t node) const { return !nodes_[node].gone; }
  bool sees(size_t node, size_t other) const {
    return nodes_[node].view.contains(nodes_[other].id);
  }
  bool all_see_all() const;  // of those that run, and nobody else
  const std::vector<Loss>& losses() const { return losses_; }
  void count_bytes(bool count) { count_bytes_ = count; }
  const Traffic& traffic() const { return traffic_; }
  size_t bytes_of_state() const { return state_bytes_; }  // of all nodes

 private:
  struct Link {
    size_t from = 0, to = 0;
    core::PeerSlot slot = 0;    // of a membership link
    core::MemberId member = 0;  // of a data link
    bool is_data = false, up = false, closed = false;
    Instant there, back;  // latest arrivals: messages do not overtake
  };
  struct Node {
    std::unique_ptr<core::Membership> membership;
    core::MemberId id = 0;
    std::string host;
    bool gone = false;
    Instant held_until;
    Instant tick = Instant::never();  // when its next one is due
    std::vector<size_t> by_slot;      // links
    std::map<core::MemberId, size_t> data_links;
    std::set<core::MemberId> view;  // by its events
  };
  enum class Kind : uint8_t { start, tick, connect, broken, request, reply };
  struct Event {
    Instant at;
    uint64_t number = 0;  // events of one instant in the order in which they were made
    Kind kind = Kind::tick;
    size_t subject = 0;  // a node or a link
    bool refused = false;
    std::shared_ptr<core::Message> message;

    bool operator<(const Event& other) const {  // std::priority_queue has the largest first
      return at != other.at ? at > other.at : number > other.number;
    }
  };

  size_t add_node();
  void run_until(Instant end);
  void push(Instant at, Kind kind, size_t subject, bool refused = false,
            std::shared_ptr<core::Message> message = nullptr);
  void happen(Event& event);
  void start(size_t node);
  void connect(size_t link);
  void broken(size_t link, bool refused);
  void deliver(Event& event);
  template <typename Input>
  void input(size_t node, Input what);
  void perform(size_t node, core::Actions actions);
  void note(size_t node, const core::PeerEvent& event);
  size_t open(size_t node, const distcache::core::Address& address, bool is_data);
  void send(size_t link, bool back, core::Body body);
  void break_links_to(size_t node, Duration after, bool refused);
  Duration hop() { return Duration::us(200 + static_cast<int64_t>(rng_.below(800))); }

  size_t state_bytes_ = 0;  // first: what is freed last still counts here
  const core::SwimOptions swim_;
  distcache::SeededRng rng_;
  Instant now_ = Instant::from_ns(0);
  uint64_t last_event_ = 0;
  std::priority_queue<Event> events_;
  std::vector<Node> nodes_;
  std::deque<Link> links_;
  std::vector<Loss> losses_;
  std::map<core::MemberId, size_t> by_id_;
  bool count_bytes_ = false;
  Traffic traffic_;
};

}  // namespace bench
