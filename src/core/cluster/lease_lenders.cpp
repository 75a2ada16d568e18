#include "core/cluster/lease_lenders.h"

#include <algorithm>

#include "core/mutations.h"

namespace distcache::core {
namespace {

constexpr size_t kAheadMax = 4'096;  // of one lender: what is beyond is sent again
constexpr Duration kRoundTrip = Duration::ms(20);
constexpr Duration kAskAgain = Duration::ms(250);

}  // namespace

LeaseLenders::Lender* LeaseLenders::lender_of(MemberId from, uint64_t incarnation, bool& replaced) {
  const auto [at, added] = lenders_.try_emplace(from);
  Lender& lender = at->second;
  if (mutated(Mutation::no_epoch_check) && !added) return &lender;
  if (incarnation < lender.incarnation) return nullptr;
  if (incarnation > lender.incarnation) {
    replaced = !added;
    lender = {};
    lender.incarnation = incarnation;
  }
  return &lender;
}

bool LeaseLenders::on_recall(MemberId from, uint64_t incarnation, const Recall& recall) {
  bool drop_all = false;
  Lender* lender = lender_of(from, incarnation, drop_all);
  if (lender == nullptr) return false;
  if (recall.first > lender->through + 1) {
    drop_all = true;
    lender->through = recall.first - 1;
  }
  for (const RecallItem& item : recall.items) {
    if (item.sequence > lender->through && lender->ahead.size() < kAheadMax) {
      lender->ahead.insert(item.sequence);
    }
  }
  std::set<uint64_t>& ahead = lender->ahead;
  while (!ahead.empty() && *ahead.begin() <= lender->through + 1) {
    lender->through = std::max(lender->through, *ahead.begin());
    ahead.erase(ahead.begin());
  }
  lender->heard = std::max(lender->heard, recall.latest);
  if (mutated(Mutation::no_sequence_check)) lender->through = lender->heard;
  const bool wants_answer = recall.first <= recall.latest || lender->through < lender->heard;
  lender->answer_at = wants_answer ? Instant() : Instant::never();
  if (wants_answer) next_answer_ = Instant();
  return drop_all;
}

bool LeaseLenders::on_sequence(MemberId from, uint64_t incarnation, uint64_t latest, Instant now) {
  if (latest == 0) return false;
  bool replaced = false;
  Lender* lender = lender_of(from, incarnation, replaced);
  if (lender == nullptr || latest <= lender->heard) return replaced;
  lender->heard = latest;
  if (mutated(Mutation::no_sequence_check)) lender->through = latest;
  lender->answer_at = std::min(lender->answer_at, now + kRoundTrip);
  next_answer_ = std::min(next_answer_, lender->answer_at);
  return replaced;
}

std::vector<std::pair<MemberId, Recalled>> LeaseLenders::take(Instant now) {
  std::vector<std::pair<MemberId, Recalled>> out;
  if (now < next_answer_) return out;
  next_answer_ = Instant::never();
  for (auto& [from, lender] : lenders_) {
    if (now >= lender.answer_at) {
      out.emplace_back(from, Recalled{lender.incarnation, lender.through, lender.heard});
      lender.answer_at = lender.through < lender.heard ? now + kAskAgain : Instant::never();
    }
    next_answer_ = std::min(next_answer_, lender.answer_at);
  }
  return out;
}

}  // namespace distcache::core
