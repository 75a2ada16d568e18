#include "engine/disagreements.h"

namespace distcache::engine {
namespace {

constexpr Duration kPatience = Duration::ms(200);  // a change is known everywhere by then
constexpr Duration kCompareInterval = Duration::seconds(1);
constexpr Duration kTellAfter = Duration::seconds(3);
constexpr Duration kForgetAfter = Duration::seconds(60);  // without any sign

}  // namespace

void Disagreements::note(core::MemberId member, core::KeyspaceId keyspace, Instant now) {
  const Where where{member, keyspace};
  const auto at = disputes_.find(where);
  if (at != disputes_.end()) {
    at->second.last = now;
  } else if (disputes_.size() < limits::kMembersMax) {
    disputes_[where] = {now, now, now + kPatience};
  }
}

void Disagreements::settle(const Where& where) {
  const auto at = disputes_.find(where);
  if (at == disputes_.end()) return;
  if (at->second.told) settled_.push_back(where.first);
  disputes_.erase(at);
}

Disagreements::Due Disagreements::take(Instant now) {
  Due due;
  due.settled.swap(settled_);
  for (auto& [where, dispute] : disputes_) {
    // Only what was said after the patience was over counts.
    if (dispute.last >= dispute.compare_at) {
      dispute.compare_at = now + kCompareInterval;
      due.compare.insert(where.first);
    }
    if (!dispute.told && dispute.last - dispute.since >= kTellAfter) {
      dispute.told = true;
      due.tell.push_back(where.first);
    }
  }
  std::erase_if(disputes_,
                [now](const auto& entry) { return now - entry.second.last >= kForgetAfter; });
  return due;
}

}  // namespace distcache::engine
