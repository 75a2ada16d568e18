#include "core/cluster/swim/suspicion.h"

#include <algorithm>

#include "core/cluster/ring.h"

namespace distcache::core {
namespace {

constexpr uint64_t kLog2Of10Milli = 3322;
constexpr unsigned kFractionBits = 56;  // of negative_log2

// log2 in thousandths, from the ring's integer logarithm: the same on every machine.
uint64_t log2_milli(size_t number) {
  const uint64_t below_64 = negative_log2(number);  // 64 - log2
  return ((uint64_t{64} << kFractionBits) - below_64) / ((uint64_t{1} << kFractionBits) / 1000);
}

}  // namespace

uint64_t log10_milli(size_t members) {
  return std::max<uint64_t>(1000, log2_milli(std::max<size_t>(members, 1)) * 1000 / kLog2Of10Milli);
}

Suspicion::Suspicion(const SwimOptions& options, size_t members, MemberId accuser, Instant now)
    : min_(options.probe_interval * options.suspicion_factor *
           static_cast<int64_t>(log10_milli(members)) / 1000),
      max_(options.shrinking_suspicion ? min_ * options.suspicion_max_factor : min_),
      // With the first accuser more than half of the others: were all of them needed, one that is
      // lost itself meanwhile would hold up the rest.
      confirmations_(std::min<size_t>(options.confirmations, members > 2 ? (members - 1) / 2 : 0)),
      since_(now),
      time_(max_),
      accusers_{accuser} {
  shorten();
}

bool Suspicion::confirm(MemberId accuser) {
  if (accusers_.size() > confirmations_) return false;
  if (std::find(accusers_.begin(), accusers_.end(), accuser) != accusers_.end()) return false;
  accusers_.push_back(accuser);
  shorten();
  return true;
}

void Suspicion::shorten() {
  if (time_ == min_) return;
  if (accusers_.size() > confirmations_) {
    time_ = min_;
    return;
  }
  const auto share =
      static_cast<int64_t>(log2_milli(accusers_.size()) * 1000 / log2_milli(confirmations_ + 1));
  time_ = max_ - (max_ - min_) / 1000 * share;
}

}  // namespace distcache::core
