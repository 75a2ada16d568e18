#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cluster.h"
#include "node/watchdog.h"
#include "ring/network.h"
#include "trio.h"

namespace stress {

using Indexes = std::vector<size_t>;

// When some nodes had agreed on their ring, counted from a moment: as told by the events in the
// nodes themselves, however late they are asked.
struct Agreement {
  double took_ms = 0;
  double stalled_ms = 0;  // of these, any of them or the driver was not run by the machine
  bool calm = true;       // the machine ran them then, and shortly before
};

// One event in a node about a member.
struct PeerEvent {
  int64_t at_ns = 0;
  std::string kind, peer;
};

// Nodes on hosts of their own with the settings that everybody has who sets nothing, under a load
// of gets that leaves the machine time. Belongs to the main thread; throws HarnessFailure when a
// node hangs or nothing is agreed on.
class Fleet {
 public:
  explicit Fleet(bool own_network);

  static constexpr size_t size() { return 5; }
  static constexpr size_t kKeys = 100;
  static Indexes all();
  static Indexes others(const Indexes& without);

  Network& network() { return network_; }
  bool can_cut() const { return network_.can_cut(); }
  const std::string& name(size_t index) const { return nodes_[index]->name(); }
  cluster::Child& child(size_t index) { return nodes_[index]->child(); }

  // Starts these all at once; the time at which the last of them began to open its engine.
  int64_t start(const Indexes& which);
  int64_t kill(const Indexes& which);  // SIGKILL; the time just before
  int64_t leave(size_t index);         // closes in good order; the time at which it began to
  void put_under_load(const Indexes& which);

  // Until these agree on one ring of exactly themselves, and on which processes they are, and still
  // do so after their callers have been through all keys.
  Agreement await_one_ring(const Indexes& among, int64_t since_ns);

  // What a node told of members after its `from`-th event.
  size_t events_so_far(size_t index);
  std::vector<PeerEvent> events(size_t index, size_t from);
  // How long one of these, or the driver, was not run between two moments.
  double stalled_ms(const Indexes& which, int64_t from_ns, int64_t to_ns);
  // Whether that was little, also shortly before: else nobody is wronged if he is taken for dead,
  // and for a while Lifeguard makes all of them patient.
  bool calm(const Indexes& which, int64_t from_ns, int64_t to_ns);

  uint32_t loads_of(size_t key) { return cluster_.ledger().total(key); }
  int64_t ring_changes(size_t index);
  const Seen& seen() const { return seen_; }
  void end(Faults& faults);

 private:
  void collect(size_t index);
  int64_t await_agreement(const Indexes& among);  // the time of the last change
  void await_passes(const Indexes& among);

  Network network_;
  cluster::Cluster cluster_;
  std::vector<cluster::Node*> nodes_;  // null before their first start
  std::vector<bool> loaded_;
  cluster::Watchdog watchdog_;
  Seen seen_;
};

inline int64_t now_ns() { return cluster::ns_of(cluster::Clock::now()); }

}  // namespace stress
