#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mixed/deeds.h"
#include "mixed/views.h"

namespace stress {

// P2: each write of a key that others had been lent is a trial, and how long after its return
// somebody began to read something older is what is measured.
class Trials {
 public:
  static constexpr int64_t kLeaseMs = 1'000;   // mirror.lease.ms
  static constexpr int64_t kToleranceMs = 50;  // of P2

  explicit Trials(const Story& story);

  size_t count() const { return trials_.size(); }
  size_t pending() const { return pending_; }       // of which told that holders have not confirmed
  size_t stale() const { return ages_us_.size(); }  // of which were followed by an older read
  int64_t oldest_us() const { return ages_us_.empty() ? 0 : ages_us_.back(); }
  int64_t percentile_us(size_t percent) const;  // of those
  int64_t kept_us() const { return kept_us_; }  // the oldest, without what the machine stood still
  size_t disturbed() const { return disturbed_; }  // writes where members did not agree
  // What no write may be followed by: an older read after an OK, or after lease and tolerance.
  const std::vector<std::string>& broken() const { return broken_; }

 private:
  struct Trial {
    Seen write;
    int64_t age_ns = 0;  // of the oldest read
  };
  void of_key(const Deeds::OfKey& of);
  bool is_trial(const std::vector<Seen>& mirrored, const Seen& write);
  void read(const Deeds::OfKey& of, const Seen& read, std::vector<Trial>& trials);
  bool agreed(const Seen& seen) const;

  const Views views_;
  std::vector<Trial> trials_;
  std::vector<int64_t> ages_us_;  // sorted
  size_t pending_ = 0, disturbed_ = 0;
  int64_t kept_us_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace stress
