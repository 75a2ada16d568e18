#include "core/cluster/refusals.h"

#include <utility>

#include "base/hash.h"

namespace distcache::core {
namespace {

constexpr uint64_t kTheRest = 0;

}  // namespace

std::optional<uint64_t> Refusals::tell(MemberId who, std::string_view why, Instant now) {
  uint64_t key = mix64(hash64(why) ^ mix64(who));
  if (!known_.contains(key) && !make_room(now)) key = kTheRest;
  const auto [at, is_new] = known_.try_emplace(key, Known{now, 0});
  if (is_new) return 0;
  if (now - at->second.told < kTellInterval) {
    ++at->second.left_out;
    return std::nullopt;
  }
  at->second.told = now;
  return std::exchange(at->second.left_out, 0);
}

// Those that have been quiet go. What was left out of them is told with the rest.
bool Refusals::make_room(Instant now) {
  if (known_.size() < kKnownMax) return true;
  uint64_t left_out = 0;
  std::erase_if(known_, [&](const auto& entry) {
    if (entry.first == kTheRest || now - entry.second.told < kTellInterval) return false;
    left_out += entry.second.left_out;
    return true;
  });
  if (left_out > 0) {
    known_.try_emplace(kTheRest, Known{now - kTellInterval, 0}).first->second.left_out += left_out;
  }
  return known_.size() < kKnownMax;
}

}  // namespace distcache::core
