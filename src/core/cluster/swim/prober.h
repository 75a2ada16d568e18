#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "core/cluster/swim/local_health.h"
#include "core/cluster/swim/options.h"
#include "core/types.h"

namespace distcache::core {

// Asks one member after the other whether it lives: each once per round, in an order shuffled anew
// for each round (SWIM, section 4.3), so that the time to the first detection is bounded. A member
// that does not answer in time is asked through others; one that does not answer them either until
// the end of the interval has failed.
//
// Pure; part of FailureDetector. Helpers that cannot reach the target say so ("decline"): one that
// does not even do that makes this node doubt itself rather than the target.
class Prober {
 public:
  struct Probe {  // to be sent
    MemberId to = 0;
    MemberId target = 0;  // other than `to`: asks it to probe the target
    uint64_t nonce = 0;
  };
  struct Outcome {
    std::vector<Probe> probes;
    std::vector<MemberId> failed;
  };

  Prober(const SwimOptions& options, uint64_t seed, uint64_t nonce_seed)
      : options_(options), rng_(seed), nonces_(nonce_seed) {}

  void add(MemberId member);
  void remove(MemberId member);

  // Probes the member next: there is a sign that it may be gone.
  void soon(MemberId member);
  // The same, but only at about `lookers` of all members that are told so.
  void soon_at_some(MemberId member, uint32_t lookers) {
    if (rng_.below(order_.size() + 1) < lookers) soon(member);
  }
  // Whether the answer was awaited, of this one. Late ones count for nothing.
  bool on_ack(uint64_t nonce, MemberId from, LocalHealth& health);
  void withdraw(uint64_t nonce) {
    if (nonce == nonce_) target_ = 0;
  }
  void on_decline(uint64_t nonce, MemberId from);

  void tick(Instant now, LocalHealth& health, Outcome& out);
  // Gives the probe that is under way so much longer.
  void postpone(Duration by);
  Instant next_deadline() const;

  size_t size() const { return order_.size(); }
  // Up to `count` others, at random.
  std::vector<MemberId> pick(size_t count, MemberId but);

 private:
  void begin(Instant now, const LocalHealth& health, Outcome& out);
  void ask_others(Outcome& out);
  void end(LocalHealth& health, Outcome& out);
  MemberId next_target();

  const SwimOptions options_;
  SeededRng rng_;
  SeededRng nonces_;
  std::vector<MemberId> order_;  // of this round
  size_t position_ = 0;
  std::vector<MemberId> urgent_;

  MemberId target_ = 0;  // 0: none is being probed
  uint64_t nonce_ = 0;
  Instant others_at_ = Instant::never();  // when they are asked
  std::vector<MemberId> asked_;           // and have not declined
  Instant urgent_at_;  // not before: probes keep a distance also when many are urgent
  Instant interval_end_;
};

}  // namespace distcache::core
