#include "engine/disagreements.h"

namespace distcache::engine {
namespace {

constexpr Duration kPatience = Duration::ms(200);  // a change is known everywhere by then
constexpr Duration kCompareInterval = Duration::seconds(1);
constexpr Duration kTellAfter = Duration::seconds(3);
constexpr Duration kSettledAfter = Duration::seconds(5);  // without a sign of it

}  // namespace

Disagreements::Due Disagreements::take(Instant now) {
  Due due;
  for (const core::MemberId member : noted_) {
    if (disputes_.size() >= limits::kMembersMax && !disputes_.contains(member)) continue;
    const auto [at, begins] = disputes_.try_emplace(member, Dispute{now, now, now + kPatience});
    Dispute& dispute = at->second;
    dispute.last = now;
    if (now >= dispute.compare_at) {
      dispute.compare_at = now + kCompareInterval;
      due.compare.push_back(member);
    }
    if (!dispute.told && now - dispute.since >= kTellAfter) {
      dispute.told = true;
      due.tell.push_back(member);
    }
  }
  noted_.clear();
  std::erase_if(disputes_, [&](const auto& entry) {
    if (now - entry.second.last < kSettledAfter) return false;
    if (entry.second.told) due.settled.push_back(entry.first);
    return true;
  });
  return due;
}

}  // namespace distcache::engine
