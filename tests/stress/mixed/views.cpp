#include "mixed/views.h"

#include <distcache.h>

#include <algorithm>
#include <map>
#include <set>

namespace stress {

using cluster::Record;
using cluster::Records;

namespace {

constexpr int64_t kLongStallNs = 200'000'000;

bool overlaps(const Trouble& trouble, int64_t from_ns, int64_t to_ns) {
  return trouble.begin_ns <= to_ns && trouble.end_ns >= from_ns;
}

std::vector<Trouble> merged(std::vector<Trouble> all) {
  std::sort(all.begin(), all.end(),
            [](const Trouble& a, const Trouble& b) { return a.begin_ns < b.begin_ns; });
  std::vector<Trouble> one;
  for (const Trouble& trouble : all) {
    if (!one.empty() && trouble.begin_ns <= one.back().end_ns) {
      one.back().end_ns = std::max(one.back().end_ns, trouble.end_ns);
    } else {
      one.push_back(trouble);
    }
  }
  return one;
}

}  // namespace

Views::Views(const Story& story) : paths_(story.paths), source_(story.source) {
  collect(story);
  sweep();
}

void Views::collect(const Story& story) {
  turns_.resize(story.lives.size());
  std::vector<Trouble> stalls;
  for (size_t i = 0; i < story.lives.size(); ++i) {
    const Records& records = **story.lives[i].records;
    const uint64_t count = std::min(records.count.load(), Records::kMax);
    std::set<uint64_t> suspects;
    Turn turn{0, 0, 0, 0};
    for (uint64_t at = 0; at < count; ++at) {
      const Record& record = records.records[at];
      if (record.end_ns == 0) continue;
      if (record.act == Record::Act::stall) {
        stalls.push_back({record.begin_ns, record.end_ns});
        continue;
      }
      if (record.act == Record::Act::ring) {
        turn.ring = record.version;
        turn.members = record.key;
      } else if (record.act == Record::Act::peer) {
        if (record.status == DISTCACHE_EVENT_PEER_SUSPECT) {
          suspects.insert(record.version);
        } else if (record.status != DISTCACHE_EVENT_PEER_UPDATED) {
          suspects.erase(record.version);
        }
      } else {
        continue;
      }
      turn.at_ns = record.begin_ns;
      turn.suspects = static_cast<uint32_t>(suspects.size());
      turns_[i].push_back(turn);
    }
    turns_[i].push_back({story.lives[i].ended_ns, 0, 0, 0});
  }
  stalls_ = merged(std::move(stalls));
}

// Through all turns of all lives in the order of time: who agrees after each.
void Views::sweep() {
  struct Change {
    int64_t at_ns;
    size_t life;
    const Turn* turn;
  };
  std::vector<Change> changes;
  for (size_t i = 0; i < turns_.size(); ++i) {
    for (const Turn& turn : turns_[i]) changes.push_back({turn.at_ns, i, &turn});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.at_ns < b.at_ns; });
  agreed_.resize(turns_.size());
  std::vector<const Turn*> now(turns_.size());
  std::vector<Agreed> open(turns_.size(), {0, 0, 0, 0, false});
  for (const Change& change : changes) {
    now[change.life] = change.turn;
    std::map<uint64_t, uint32_t> of_ring;
    uint32_t running = 0;
    for (const Turn* turn : now) {
      if (turn == nullptr || turn->ring == 0) continue;
      ++running;
      of_ring[turn->ring] += turn->suspects == 0 ? 1 : 0;
    }
    for (size_t i = 0; i < now.size(); ++i) {
      const Turn* turn = now[i];
      const bool agrees = turn != nullptr && turn->ring != 0 && turn->members > 0 &&
                          of_ring[turn->ring] == turn->members;
      const Agreed next{change.at_ns, INT64_MAX, agrees ? turn->ring : 0,
                        agrees ? turn->members : 0, agrees && running == turn->members};
      if (next.ring == open[i].ring && next.all == open[i].all) continue;
      if (open[i].ring != 0) {
        open[i].to_ns = change.at_ns;
        agreed_[i].push_back(open[i]);
      }
      open[i] = next;
    }
  }
  for (size_t i = 0; i < open.size(); ++i) {
    if (open[i].ring != 0) agreed_[i].push_back(open[i]);
  }
}

const Views::Turn* Views::turn_at(size_t life, int64_t at_ns) const {
  const auto after = std::upper_bound(turns_[life].begin(), turns_[life].end(), at_ns,
                                      [](int64_t at, const Turn& turn) { return at < turn.at_ns; });
  return after == turns_[life].begin() ? nullptr : &*std::prev(after);
}

const Views::Agreed* Views::agreed_at(size_t life, int64_t at_ns) const {
  const auto after =
      std::upper_bound(agreed_[life].begin(), agreed_[life].end(), at_ns,
                       [](int64_t at, const Agreed& agreed) { return at < agreed.from_ns; });
  if (after == agreed_[life].begin()) return nullptr;
  const Agreed& agreed = *std::prev(after);
  return at_ns < agreed.to_ns ? &agreed : nullptr;
}

uint32_t Views::agreed(size_t life, int64_t from_ns, int64_t to_ns) const {
  const Agreed* agreed = agreed_at(life, from_ns);
  return agreed != nullptr && to_ns < agreed->to_ns ? agreed->members : 0;
}

bool Views::are_all(size_t life, int64_t at_ns) const {
  const Agreed* agreed = agreed_at(life, at_ns);
  return agreed != nullptr && agreed->all;
}

bool Views::together(size_t one, size_t other, int64_t from_ns, int64_t to_ns) const {
  const Turn* a = turn_at(one, from_ns);
  const Turn* b = turn_at(other, from_ns);
  return a != nullptr && b != nullptr && a->ring != 0 && a->ring == b->ring &&
         turn_at(one, to_ns) == a && turn_at(other, to_ns) == b;
}

int64_t Views::all_agreed_since(int64_t at_ns) const {
  for (const auto& of_life : agreed_) {
    for (const Agreed& agreed : of_life) {
      if (agreed.all && agreed.from_ns <= at_ns && at_ns < agreed.to_ns) return agreed.from_ns;
    }
  }
  return at_ns;
}

bool Views::disturbed(int64_t from_ns, int64_t to_ns) const {
  const auto is_so = [&](const Trouble& trouble) { return overlaps(trouble, from_ns, to_ns); };
  return std::any_of(paths_.begin(), paths_.end(), is_so) ||
         std::any_of(stalls_.begin(), stalls_.end(), [&](const Trouble& stall) {
           return stall.end_ns - stall.begin_ns > kLongStallNs && is_so(stall);
         });
}

bool Views::source_spoiled(int64_t from_ns, int64_t to_ns) const {
  return std::any_of(source_.begin(), source_.end(),
                     [&](const Trouble& trouble) { return overlaps(trouble, from_ns, to_ns); });
}

int64_t Views::stalled_ns(int64_t from_ns, int64_t to_ns) const {
  int64_t total_ns = 0;
  for (const Trouble& stall : stalls_) {
    total_ns +=
        std::max<int64_t>(std::min(stall.end_ns, to_ns) - std::max(stall.begin_ns, from_ns), 0);
  }
  return total_ns;
}

}  // namespace stress
