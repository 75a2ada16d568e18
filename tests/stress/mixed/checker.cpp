#include "mixed/checker.h"

#include <distcache.h>

#include <algorithm>
#include <memory>

namespace stress {

using cluster::Record;
using Act = Record::Act;

namespace {

constexpr size_t kShown = 10;
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLeaseNs = 1'000 * kMs;       // mirror.lease.ms
constexpr int64_t kToleranceNs = 50 * kMs;      // of P2
constexpr int64_t kToldLateNs = 500 * kMs;      // an event may come so much after the change
constexpr int64_t kHealedNs = 10'000 * kMs;     // P5
constexpr int64_t kSlowCallNs = 3'000 * kMs;    // a call may suffer from what was so long ago
constexpr int64_t kForgottenNs = 10'000 * kMs;  // what went wrong before is over
constexpr int64_t kLateMs = 100;                // P6

bool is_settled(const Record& write) { return write.end_ns != 0 && write.status == DISTCACHE_OK; }

}  // namespace

void Verdict::violate(std::string what) {
  if (++violations <= kShown) shown.push_back(std::move(what));
}

Checker::Checker(const Story& story) : story_(story), views_(story), deeds_(story) {
  if (!deeds_.complete) verdict_.violate("the memory for the history is too small");
}

Verdict Checker::judge() {
  for (const auto& [key, of] : deeds_.keys) {
    verdict_.reads += of.reads.size();
    verdict_.writes += of.writes.size();
    verdict_.loads += of.loads.size();
    for (const Seen& seen : of.reads) {
      call(seen, true);
      read(of, seen);
    }
    for (const auto& [version, seen] : of.writes) {
      if (seen->end_ns != 0) call(seen, false);
    }
    for (const Seen& seen : of.refreshes) {
      if (seen->end_ns != 0) refreshed(seen);
    }
    verdict_.writes += of.refreshes.size();
    conditions(of);
    monotonic(of);
    loads_at_once(of);
  }
  return std::move(verdict_);
}

std::string Checker::text(const Seen& seen) const {
  static constexpr const char* kNames[] = {"get", "put", "delete", "refresh", "load"};
  const auto ms = [this](int64_t ns) { return std::to_string((ns - deeds_.begin_ns) / kMs); };
  return std::string(kNames[static_cast<size_t>(seen->act)]) + " of k" + std::to_string(seen->key) +
         " version " + std::to_string(seen->version) +
         ((seen->flags & Record::from_put) != 0 ? " (put)" : "") + " by " +
         static_cast<char>('A' + story_.lives[seen.life].node) + " from " + ms(seen->begin_ns) +
         " to " + ms(seen->end_ns) + " ms, " + distcache_status_name(seen->status);
}

// -- P6, P7: how a call ends ----------------------------------------------------------------------

void Checker::call(const Seen& seen, bool is_read) {
  verdict_.late_ms = std::max<int64_t>(verdict_.late_ms, seen->late_ms);
  if (seen->late_ms > kLateMs) {
    verdict_.violate("P6: " + text(seen) + ", " + std::to_string(seen->late_ms) + " ms late");
  }
  if ((seen->flags & Record::unnamed) != 0) {
    verdict_.violate("P7: PARTIAL, and only that, names who was not reached: " + text(seen));
  }
  if (seen->status == DISTCACHE_OK) {
    const int64_t took_ms = (seen->end_ns - seen->begin_ns) / kMs;
    if (!is_read) verdict_.slowest_write_ms = std::max(verdict_.slowest_write_ms, took_ms);
    return;
  }
  ++verdict_.counts[std::string(is_read ? "get " : "write ") + distcache_status_name(seen->status)];
  if (seen->status == DISTCACHE_VERSION_MISMATCH) return;
  const int64_t from_ns = seen->begin_ns - kSlowCallNs;
  const int64_t to_ns = seen->end_ns + kToldLateNs;
  const bool well = views_.agreed(seen.life, from_ns, to_ns) != 0 &&
                    !views_.disturbed(from_ns, to_ns) && !views_.source_spoiled(from_ns, to_ns);
  if (well) verdict_.violate("nothing was wrong: " + text(seen));
}

// -- P1, P2, P5: what a read may answer -----------------------------------------------------------

void Checker::read(const Deeds::OfKey& of, const Seen& seen) {
  if (seen->status != DISTCACHE_OK) return;
  if ((seen->flags & Record::broken) != 0) {
    return verdict_.violate("a value that nobody made: " + text(seen));
  }
  if (made(of, seen)) fresh(of, seen);
}

// Somebody had made that version, and its put had not been told that it is not applied.
bool Checker::made(const Deeds::OfKey& of, const Seen& seen) {
  if (seen->version == 0) return true;
  const auto at = of.writes.find(seen->version);
  if (at == of.writes.end()) {
    const bool died = std::any_of(story_.lives.begin(), story_.lives.end(),
                                  [](const Life& life) { return life.was_killed; });
    // Killed between the change of the truth and its note of it.
    died ? void(++verdict_.counts["read what a killed process wrote"])
         : verdict_.violate("a version that nobody wrote: " + text(seen));
    return died;
  }
  const Seen& write = at->second;
  const bool from_put = (seen->flags & Record::from_put) != 0;
  if (write->begin_ns > seen->end_ns || (from_put && write->act != Act::put)) {
    verdict_.violate("before it was made: " + text(seen) + "; " + text(write));
    return false;
  }
  if (from_put && !may_be_applied(*write.record)) {
    verdict_.violate("P7: what is not applied is read: " + text(seen) + "; " + text(write));
  }
  // One that was not confirmed everywhere may be applied once more, and at any later time.
  return !from_put || is_settled(*write.record);
}

void Checker::fresh(const Deeds::OfKey& of, const Seen& seen) {
  std::string why;
  for (auto at = of.writes.upper_bound(seen->version); at != of.writes.end(); ++at) {
    if (at->second->begin_ns > seen->begin_ns + kToldLateNs) break;
    if (is_stale(of, at->second, seen, why)) return;
  }
  for (const Seen& refresh : of.refreshes) {
    if (refresh->version > seen->version && is_stale(of, refresh, seen, why)) return;
  }
  if (!why.empty()) ++verdict_.counts[why];
}

// Whether a read that is older than this write, or than what the source had before this refresh,
// breaks the promise; else why it may be, if it needs a reason.
bool Checker::is_stale(const Deeds::OfKey& of, const Seen& write, const Seen& read,
                       std::string& why) {
  if (!binds(write, read)) return false;
  // Of two puts at once either may be the last.
  const bool from_put = (read->flags & Record::from_put) != 0;
  const auto own = of.writes.find(read->version);
  if (from_put && own->second->end_ns >= write->begin_ns) return false;
  bool violates = false;
  why = excuse(write, read, violates);
  if (!violates) return false;
  verdict_.violate("P1: " + text(read) + ", " +
                   std::to_string((read->begin_ns - write->end_ns) / kMs) + " ms after " +
                   text(write));
  return true;
}

// What a refresh answers began to be loaded after it.
void Checker::refreshed(const Seen& seen) {
  call(seen, false);
  if ((seen->flags & Record::broken) != 0) {
    verdict_.violate("a value that nobody made: " + text(seen));
  }
  if ((seen->flags & Record::older) != 0) {
    verdict_.violate("P1: what was there before: " + text(seen));
  }
}

// Of those that put over one version one is done: an owner that has not made it does not hold it.
void Checker::conditions(const Deeds::OfKey& of) {
  std::map<uint64_t, Seen> done;
  for (const auto& [version, seen] : of.writes) {
    if (seen->expected == 0 || !is_settled(*seen.record)) continue;
    ++verdict_.counts["put_if OK"];
    const auto [other, first] = done.emplace(seen->expected, seen);
    if (first) continue;
    verdict_.violate("two over one version: " + text(seen) + "; " + text(other->second));
  }
}

bool Checker::binds(const Seen& write, const Seen& read) const {
  if (write->end_ns == 0 || write->end_ns >= read->begin_ns) return false;
  if (write->status == DISTCACHE_OK) return true;
  // Who has missed it is told when he is back, unless nobody is left who knows.
  const int64_t since_ns = views_.all_agreed_since(read->begin_ns);
  return write->status == DISTCACHE_PARTIAL && since_ns + kHealedNs < read->begin_ns &&
         std::none_of(story_.lives.begin(), story_.lives.end(), [&](const Life& life) {
           return life.ended_ns > write->begin_ns && life.ended_ns < since_ns;
         });
}

std::string Checker::excuse(const Seen& write, const Seen& read, bool& violates) {
  const int64_t late_ns = read->begin_ns - write->end_ns;
  if (out_of_bounds(write, read)) {
    violates = true;
    return {};
  }
  const auto apart = [&](const char* why) {
    verdict_.stale_apart_ms = std::max(verdict_.stale_apart_ms, late_ns / kMs);
    return why;
  };
  if (views_.agreed(read.life, read->begin_ns - kLeaseNs, read->end_ns + kToldLateNs) == 0) {
    // Where nobody was cut off or stopped they come and go, and hear of it at once.
    const bool apart_for_long = views_.disturbed(write->begin_ns - kForgottenNs, read->end_ns);
    violates = !apart_for_long && late_ns > kLeaseNs + kToleranceNs;
    return apart(apart_for_long ? "stale, members disagree" : "stale, members come and go");
  }
  if (!views_.are_all(read.life, read->begin_ns) && !same_side(write, read)) {
    return apart("stale, cut off");
  }
  if (lost_with_owner(write, read)) return apart("stale, lost with its owner");
  verdict_.stale_ms = std::max(verdict_.stale_ms, late_ns / kMs);
  const int64_t from_ns = write->begin_ns - kLeaseNs;
  const bool disturbed = views_.disturbed(from_ns, read->end_ns);
  const int64_t allowed_ns =
      disturbed ? kLeaseNs + kToleranceNs + views_.stalled_ns(from_ns, read->end_ns) : 0;
  violates = late_ns > allowed_ns;
  return "stale, within the lease";
}

// P2, partition = bounded, whoever is cut off from whom: until a confirmation is over, which takes
// a lease, and a lease more.
bool Checker::out_of_bounds(const Seen& write, const Seen& read) const {
  if (!story_.bounded || write->status != DISTCACHE_OK) return false;
  return read->begin_ns - write->end_ns >
         2 * kLeaseNs + kToleranceNs + views_.stalled_ns(write->begin_ns, read->end_ns);
}

// They were in one ring when it was written. Also while one of them was just being cut off: the
// next candidate knows of the write, and what others keep in its place ends within the lease.
bool Checker::same_side(const Seen& write, const Seen& read) const {
  return views_.together(read.life, write.life, write->begin_ns, write->end_ns);
}

// Members disagreed when it returned, and somebody was gone before they agreed again.
bool Checker::lost_with_owner(const Seen& write, const Seen& read) const {
  if (views_.agreed(write.life, write->begin_ns, write->end_ns) != 0) return false;
  const int64_t since_ns = views_.all_agreed_since(read->begin_ns);
  return std::any_of(story_.lives.begin(), story_.lives.end(), [&](const Life& life) {
    return life.ended_ns > write->begin_ns && life.ended_ns < since_ns;
  });
}

// -- P3: an engine never goes back ----------------------------------------------------------------

void Checker::monotonic(const Deeds::OfKey& of) {
  std::map<size_t, std::vector<Seen>> of_life;
  for (const Seen& seen : of.reads) {
    if (seen->status == DISTCACHE_OK && (seen->flags & Record::broken) == 0) {
      of_life[seen.life].push_back(seen);
    }
  }
  for (auto& [life, reads] : of_life) {
    std::vector<Seen> by_end = reads;
    std::sort(by_end.begin(), by_end.end(),
              [](const Seen& a, const Seen& b) { return a->end_ns < b->end_ns; });
    std::sort(reads.begin(), reads.end(),
              [](const Seen& a, const Seen& b) { return a->begin_ns < b->begin_ns; });
    auto ended = by_end.begin();
    const Seen* newest = nullptr;
    for (const Seen& seen : reads) {
      for (; ended != by_end.end() && (*ended)->end_ns < seen->begin_ns; ++ended) {
        if (newest == nullptr || (*ended)->version > (*newest)->version) newest = &*ended;
      }
      const bool back = newest != nullptr && seen->version < (*newest)->version &&
                        (seen->flags & Record::from_put) == 0;  // puts at once: see fresh()
      if (!back) continue;
      const int64_t from_ns = (*newest)->begin_ns - kLeaseNs;
      if (views_.agreed(life, from_ns, seen->end_ns + kToldLateNs) == 0 ||
          views_.disturbed(from_ns, seen->end_ns)) {
        ++verdict_.counts["back in time, members disagree or are disturbed"];
        newest = &seen;
        continue;
      }
      verdict_.violate("P3: " + text(seen) + " after " + text(*newest));
    }
  }
}

// -- P4: one load at once -------------------------------------------------------------------------

void Checker::loads_at_once(const Deeds::OfKey& of) {
  std::vector<Seen> loads = of.loads;
  std::sort(loads.begin(), loads.end(),
            [](const Seen& a, const Seen& b) { return a->begin_ns < b->begin_ns; });
  for (size_t i = 1; i < loads.size(); ++i) {
    const Seen& first = loads[i - 1];
    const Seen& second = loads[i];
    if (first->end_ns <= second->begin_ns || second->end_ns == 0) continue;
    const int64_t from_ns = first->begin_ns - kLeaseNs;
    const int64_t to_ns = second->end_ns + kToldLateNs;
    const bool well = views_.agreed(first.life, from_ns, to_ns) != 0 &&
                      views_.agreed(second.life, from_ns, to_ns) != 0 &&
                      !views_.disturbed(from_ns, to_ns) && !views_.source_spoiled(from_ns, to_ns);
    if (!well || fenced(of, first, second)) {
      ++verdict_.counts["loads at once, fenced or in trouble"];
      continue;
    }
    verdict_.violate("P4: " + text(second) + " during " + text(first));
  }
}

// A put, delete or refresh between the two has poisoned the first one, which may have waited for
// its turn for a while before it began.
bool Checker::fenced(const Deeds::OfKey& of, const Seen& first, const Seen& second) const {
  const auto fences = [&](const Record& write) {
    return write.begin_ns <= second->begin_ns &&
           (write.end_ns == 0 || write.end_ns >= first->begin_ns - kLeaseNs ||
            (write.status != DISTCACHE_OK && may_be_applied(write)));
  };
  return std::any_of(of.writes.begin(), of.writes.end(),
                     [&](const auto& entry) { return fences(*entry.second.record); }) ||
         std::any_of(of.refreshes.begin(), of.refreshes.end(),
                     [&](const Seen& seen) { return fences(*seen.record); });
}

}  // namespace stress
