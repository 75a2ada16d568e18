#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"
#include "core/cluster/swim/options.h"

namespace distcache::core {

// How much this node trusts its own judgement: 0 = fully. It rises with what a slow or cut-off node
// sees (probes that fail, helpers that do not even decline, accusations it has to refute) and falls
// with each probe that succeeds. Its probes then take as many times as long. Lifeguard, section IV.
class LocalHealth {
 public:
  explicit LocalHealth(const SwimOptions& options)
      : max_(options.local_health ? options.health_max : 0) {}

  void worse(uint32_t by = 1) { score_ = std::min(max_, score_ + std::min(by, max_)); }
  void better() { score_ -= score_ > 0 ? 1 : 0; }

  uint32_t score() const { return score_; }
  Duration scaled(Duration time) const { return time * (int64_t{score_} + 1); }

 private:
  uint32_t max_;
  uint32_t score_ = 0;
};

}  // namespace distcache::core
