#include "core/cluster/discovery_schedule.h"

#include <algorithm>

namespace distcache::core {
namespace {

constexpr uint32_t kDoublingsMax = 20;

}  // namespace

Duration DiscoverySchedule::after_failure() {
  count_attempt();
  ++failures_;
  if (looking()) return jittered(options_.retry_interval);
  const Duration longest = std::max(options_.retry_interval, options_.interval);
  const Duration pause = options_.retry_interval * (int64_t{1} << backed_off_);
  backed_off_ = std::min(backed_off_ + 1, kDoublingsMax);
  return jittered(std::min(pause, longest));
}

Duration DiscoverySchedule::after_answer(bool others, Duration valid_for) {
  count_attempt();
  answered_ = true;
  found_ = found_ || others;
  failures_ = 0;
  backed_off_ = 0;
  if (looking()) return jittered(std::min(options_.retry_interval, options_.interval));
  return jittered(std::min(options_.interval, std::max(valid_for, kValidMin)));
}

void DiscoverySchedule::count_attempt() {
  if (attempts_ < options_.attempts_max) ++attempts_;
}

// Between three and five quarters of it.
Duration DiscoverySchedule::jittered(Duration pause) {
  const auto half = static_cast<uint64_t>(std::max<int64_t>(pause.as_ns() / 2, 1));
  return Duration::ns(pause.as_ns() / 4 * 3 + static_cast<int64_t>(rng_.below(half)));
}

}  // namespace distcache::core
