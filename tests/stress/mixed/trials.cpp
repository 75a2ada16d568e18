#include "mixed/trials.h"

#include <distcache.h>

#include <algorithm>

namespace stress {

using cluster::Record;
using Act = Record::Act;

namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kJustBeforeNs = 100 * kMs;  // a mirror was seen: it is still there
constexpr int64_t kToldLateNs = 500 * kMs;    // an event may come so much after the change

bool is_applied(const Record& write) {
  return write.end_ns != 0 && (write.status == DISTCACHE_OK || write.status == DISTCACHE_PARTIAL);
}

}  // namespace

Trials::Trials(const Story& story) : views_(story) {
  const Deeds deeds(story);
  if (!deeds.complete) broken_.emplace_back("the memory for the history is too small");
  for (const auto& [key, of] : deeds.keys) of_key(of);
  for (const Trial& trial : trials_) {
    if (trial.write->status == DISTCACHE_PARTIAL) ++pending_;
    if (trial.age_ns > 0) ages_us_.push_back(trial.age_ns / 1'000);
  }
  std::sort(ages_us_.begin(), ages_us_.end());
}

void Trials::of_key(const Deeds::OfKey& of) {
  std::vector<Seen> mirrored;
  for (const Seen& seen : of.reads) {
    if ((seen->flags & Record::mirror) != 0) mirrored.push_back(seen);
  }
  std::sort(mirrored.begin(), mirrored.end(),
            [](const Seen& a, const Seen& b) { return a->begin_ns < b->begin_ns; });
  std::vector<Trial> trials;
  for (const auto& [version, write] : of.writes) {
    if (is_applied(*write.record) && is_trial(mirrored, write)) trials.push_back({write});
  }
  for (const Seen& seen : of.reads) {
    if (seen->status == DISTCACHE_OK && (seen->flags & Record::broken) == 0) {
      read(of, seen, trials);
    }
  }
  trials_.insert(trials_.end(), trials.begin(), trials.end());
}

// Its members were one ring all the time, so that nothing but a lost recall can have kept it from
// them.
bool Trials::agreed(const Seen& seen) const {
  return views_.agreed(seen.life, seen->begin_ns - kLeaseMs * kMs, seen->end_ns + kToldLateNs) != 0;
}

// `mirrored`: the reads from mirrors, by when they began.
bool Trials::is_trial(const std::vector<Seen>& mirrored, const Seen& write) {
  const int64_t from_ns = write->begin_ns - kJustBeforeNs;
  auto at = std::lower_bound(mirrored.begin(), mirrored.end(), from_ns,
                             [](const Seen& seen, int64_t from) { return seen->begin_ns < from; });
  while (at != mirrored.end() && at->record->begin_ns < write->begin_ns &&
         at->record->version >= write->version) {
    ++at;
  }
  const bool lent = at != mirrored.end() && at->record->begin_ns < write->begin_ns;
  if (!lent) return false;
  if (agreed(write)) return true;
  ++disturbed_;
  return false;
}

void Trials::read(const Deeds::OfKey& of, const Seen& read, std::vector<Trial>& trials) {
  const bool from_put = (read->flags & Record::from_put) != 0;
  const auto own = of.writes.find(read->version);
  // What is not known to be applied may be applied at any later time.
  if (from_put && (own == of.writes.end() || !is_applied(*own->second.record))) return;
  auto at = std::upper_bound(
      trials.begin(), trials.end(), read->version,
      [](uint64_t version, const Trial& trial) { return version < trial.write->version; });
  for (; at != trials.end() && at->write->begin_ns < read->begin_ns; ++at) {
    const Seen& write = at->write;
    const int64_t age_ns = read->begin_ns - write->end_ns;
    // Of two writes at once either may be the last.
    if (age_ns <= 0 || (from_put && own->second->end_ns >= write->begin_ns)) continue;
    if (!agreed(read)) continue;
    at->age_ns = std::max(at->age_ns, age_ns);
    const int64_t kept_ns = age_ns - views_.stalled_ns(write->end_ns, read->begin_ns);
    kept_us_ = std::max(kept_us_, kept_ns / 1'000);
    const bool is_ok = write->status == DISTCACHE_OK;
    if (!is_ok && kept_ns <= (kLeaseMs + kToleranceMs) * kMs) continue;
    broken_.push_back("k" + std::to_string(read->key) + " was read as version " +
                      std::to_string(read->version) + " " + std::to_string(age_ns / 1'000) +
                      " us after version " + std::to_string(write->version) + " had returned " +
                      distcache_status_name(write->status));
  }
}

int64_t Trials::percentile_us(size_t percent) const {
  return ages_us_.empty() ? 0 : ages_us_[(ages_us_.size() - 1) * percent / 100];
}

}  // namespace stress
