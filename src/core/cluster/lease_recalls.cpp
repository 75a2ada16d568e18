#include "core/cluster/lease_recalls.h"

#include <algorithm>

#include "base/limits.h"
#include "core/mutations.h"

namespace distcache::core {
namespace {

constexpr size_t kItemBytes = 64;  // of one on the wire, without its key: more than it takes

}  // namespace

void LeaseRecalls::lent(MemberId to, Instant until, Instant now) {
  Pair& pair = pairs_[to];
  pair.lent_until = std::max(pair.lent_until, until);
  if (pair.beat_at.is_never()) pair.beat_at = now + heartbeat_;
  next_beat_ = std::min(next_beat_, pair.beat_at);
}

void LeaseRecalls::recall(MemberId holder, RecallItem item, uint64_t flight, Instant until) {
  Pair& pair = pairs_[holder];
  item.sequence = ++pair.latest;
  pair.log.push_back({std::move(item), flight, until});
  if (pair.log.size() > kLogMax) pair.log.pop_front();
  news_ = true;
}

std::vector<LeaseRecalls::Ticket> LeaseRecalls::on_recalled(MemberId from, const Recalled& recalled,
                                                            uint64_t incarnation) {
  std::vector<Ticket> done;
  const auto at = pairs_.find(from);
  if (at == pairs_.end()) return done;
  if (recalled.incarnation != incarnation && !mutated(Mutation::no_epoch_check)) return done;
  Pair& pair = at->second;
  while (!pair.log.empty() && pair.log.front().item.sequence <= recalled.through) {
    Entry& entry = pair.log.front();
    if (entry.flight != 0) {
      done.push_back({entry.item.keyspace, std::move(entry.item.key), entry.flight});
    }
    pair.log.pop_front();
  }
  // At once, as with a heartbeat: all that is not confirmed, or that there is nothing more to come.
  if (recalled.through < std::min(recalled.heard, pair.sent)) {
    pair.beat_at = Instant();
    news_ = true;
  }
  return done;
}

std::vector<std::pair<MemberId, Recall>> LeaseRecalls::take(Instant now) {
  std::vector<std::pair<MemberId, Recall>> out;
  if (!news_ && now < next_beat_) return out;
  news_ = false;
  next_beat_ = Instant::never();
  for (auto& [to, pair] : pairs_) {
    while (!pair.log.empty() && pair.log.front().until <= now) pair.log.pop_front();
    const bool beats = now >= pair.beat_at;
    if (beats) pair.sent = 0;
    const uint64_t first = pair.log.empty() ? pair.latest + 1 : pair.log.front().item.sequence;
    pair.sent = std::max(pair.sent, first - 1);
    if (beats || pair.sent < pair.latest) {
      collect(to, pair, out);
      pair.beat_at = now + heartbeat_;
    }
    if (pair.log.empty() && pair.lent_until <= now) pair.beat_at = Instant::never();
    next_beat_ = std::min(next_beat_, pair.beat_at);
  }
  return out;
}

// In as many messages as it takes, at least one.
void LeaseRecalls::collect(MemberId to, Pair& pair, std::vector<std::pair<MemberId, Recall>>& out) {
  const uint64_t first = pair.log.empty() ? pair.latest + 1 : pair.log.front().item.sequence;
  do {
    Recall recall{first, pair.latest, {}};
    size_t bytes = 0;
    while (pair.sent < pair.latest && recall.items.size() < limits::kBatchItemsMax &&
           bytes < limits::kBatchBytesMax) {
      const RecallItem& item = pair.log[pair.sent + 1 - first].item;
      bytes += kItemBytes + item.key.size();
      recall.items.push_back(item);
      ++pair.sent;
    }
    out.emplace_back(to, std::move(recall));
  } while (pair.sent < pair.latest);
}

uint64_t LeaseRecalls::latest(MemberId to) const {
  const auto at = pairs_.find(to);
  return at == pairs_.end() ? 0 : at->second.latest;
}

}  // namespace distcache::core
