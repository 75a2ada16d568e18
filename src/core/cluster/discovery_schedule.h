#pragma once

#include <cstdint>

#include "base/rng.h"
#include "base/time.h"

namespace distcache::core {

// When a discovery provider is asked next. Pure; one thread.
//
// Until somebody else is found, the first `attempts_max` attempts come every `retry_interval`, so
// that nodes which start together find each other soon. After that an answer is asked for anew
// every `interval`, or earlier if it says that it holds for less; failures in a row back off from
// `retry_interval` to `interval`. Every pause is jittered: a fleet started at once does not ask at
// once.
class DiscoverySchedule {
 public:
  struct Options {
    Duration retry_interval = Duration::seconds(1);
    uint32_t attempts_max = 10;
    Duration interval = Duration::seconds(10);
  };

  // An answer that holds for less than this is asked for anew after this (or `interval`, if less):
  // many name servers say 0, and each answer costs them a question or more from each node.
  static constexpr Duration kValidMin = Duration::seconds(5);

  DiscoverySchedule(const Options& options, Rng& rng) : options_(options), rng_(rng) {}

  // Both answer the pause before the next attempt, counted from now.
  Duration after_failure();
  // `others`: somebody besides this node was named.
  Duration after_answer(bool others, Duration valid_for);

  // The attempts are used up and there was no answer: the node need not wait for one any longer.
  bool spent() const { return !answered_ && attempts_ >= options_.attempts_max; }
  // The failure just reported is the first one in a row.
  bool first_failure() const { return failures_ == 1; }

 private:
  bool looking() const { return !found_ && attempts_ < options_.attempts_max; }
  void count_attempt();
  Duration jittered(Duration pause);

  const Options options_;
  Rng& rng_;
  uint32_t attempts_ = 0;  // stops at attempts_max
  uint32_t failures_ = 0;  // in a row
  uint32_t backed_off_ = 0;
  bool answered_ = false;  // ever
  bool found_ = false;     // somebody else, ever
};

}  // namespace distcache::core
