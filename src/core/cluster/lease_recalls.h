#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/message.h"

namespace distcache::core {

// The owner's side of taking back what it lent: numbers the recalls of each pair of members, keeps
// those that are not confirmed in a bounded log, sends them again when the other side says that it
// misses some, or with the next heartbeat, and gives up when the lease has ended.
//
// Pure; belongs to the thread that owns the transport.
class LeaseRecalls {
 public:
  static constexpr size_t kLogMax =
      4'096;  // of one pair: older ones are forgotten, see Recall::first

  // Names the write that waits for a recall.
  struct Ticket {
    KeyspaceId keyspace = 0;
    std::string key;
    uint64_t flight = 0;
  };

  explicit LeaseRecalls(Duration heartbeat) : heartbeat_(heartbeat) {}

  // A partner from now on until its lease ends: hears from us every heartbeat.
  void lent(MemberId to, Instant until, Instant now);
  // To be sent by the next take(). `item` without its sequence.
  void recall(MemberId holder, RecallItem item, uint64_t flight, Instant until);
  // What the holder has carried out by that. `incarnation` is this process's.
  std::vector<Ticket> on_recalled(MemberId from, const Recalled& recalled, uint64_t incarnation);
  // What is to be sent now.
  std::vector<std::pair<MemberId, Recall>> take(Instant now);
  // For the envelopes of messages to this member.
  uint64_t latest(MemberId to) const;

 private:
  struct Entry {
    RecallItem item;
    uint64_t flight = 0;
    Instant until;
  };
  struct Pair {
    std::deque<Entry> log;  // by sequence, without gaps
    uint64_t latest = 0;
    uint64_t sent = 0;  // what is behind it has yet to be sent, or sent again
    Instant lent_until;
    Instant beat_at = Instant::never();
  };

  static void collect(MemberId to, Pair& pair, std::vector<std::pair<MemberId, Recall>>& out);

  const Duration heartbeat_;
  std::map<MemberId, Pair> pairs_;
  bool news_ = false;  // something has to be sent before the next heartbeat
  Instant next_beat_ = Instant::never();
};

}  // namespace distcache::core
