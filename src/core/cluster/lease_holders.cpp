#include "core/cluster/lease_holders.h"

#include <algorithm>

namespace distcache::core {
namespace {

constexpr Duration kSweepPause = Duration::seconds(1);

}  // namespace

bool LeaseHolders::lend(Bytes key, MemberId to, Instant until, Instant now) {
  auto at = keys_.find(key);
  if (at == keys_.end()) {
    if (keys_.size() >= kKeysMax) return false;
    at = keys_.try_emplace(std::string(key)).first;
    sweep_at_ = std::min(sweep_at_, now + kSweepPause);
  }
  std::vector<Holder>& holders = at->second;
  const auto known = std::find_if(holders.begin(), holders.end(),
                                  [to](const Holder& holder) { return holder.member == to; });
  if (known != holders.end()) {
    known->until = std::max(known->until, until);
    known->recall = 0;
    return true;
  }
  if (holders.size() >= kHoldersMax) {
    std::erase_if(holders, [now](const Holder& holder) { return holder.until <= now; });
    if (holders.size() >= kHoldersMax) return false;
  }
  holders.push_back({to, until, 0});
  return true;
}

bool LeaseHolders::lent(Bytes key, Instant now) const {
  if (keys_.empty()) return false;
  const auto at = keys_.find(key);
  return at != keys_.end() &&
         std::any_of(at->second.begin(), at->second.end(),
                     [now](const Holder& holder) { return holder.until > now; });
}

std::vector<LeaseHolders::Holder> LeaseHolders::recall(Bytes key, uint64_t recall, Instant now) {
  const auto at = keys_.find(key);
  if (at == keys_.end()) return {};
  std::erase_if(at->second, [now](const Holder& holder) { return holder.until <= now; });
  for (Holder& holder : at->second) holder.recall = recall;
  return at->second;
}

std::vector<LeaseHolders::Holder> LeaseHolders::all(Instant now) const {
  std::vector<Holder> all;
  for_each(now, [&all](const std::string&, const Holder& holder) { all.push_back(holder); });
  std::sort(all.begin(), all.end(), [](const Holder& a, const Holder& b) {
    return a.member != b.member ? a.member < b.member : a.until > b.until;
  });
  const auto same = [](const Holder& a, const Holder& b) { return a.member == b.member; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

void LeaseHolders::returned(Bytes key, MemberId holder, uint64_t recall) {
  const auto at = keys_.find(key);
  if (at == keys_.end()) return;
  std::erase_if(at->second, [holder, recall](const Holder& one) {
    return one.member == holder && one.recall == recall;
  });
  if (at->second.empty()) keys_.erase(at);
}

void LeaseHolders::sweep(Instant now) {
  if (now < sweep_at_) return;
  for (auto at = keys_.begin(); at != keys_.end();) {
    std::erase_if(at->second, [now](const Holder& holder) { return holder.until <= now; });
    at = at->second.empty() ? keys_.erase(at) : std::next(at);
  }
  sweep_at_ = keys_.empty() ? Instant::never() : now + kSweepPause;
}

}  // namespace distcache::core
