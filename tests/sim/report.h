#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"

namespace distcache::sim {

// What a run has to say: broken invariants, counts, and the hash of everything that happened.
class Report {
 public:
  using Counts = std::map<std::pair<std::string_view, std::string_view>, uint64_t>;

  Report(const Clock& clock, bool tells) : clock_(clock), tells_(tells) {}

  // The words must be literals.
  void count(std::string_view what, std::string_view of, uint64_t times = 1) {
    counts_[{what, of}] += times;
  }
  // The most of something.
  void peak(std::string_view what, std::string_view of, uint64_t value) {
    uint64_t& most = peaks_[{what, of}];
    if (value > most) most = value;
  }
  void violate(std::string_view invariant, const std::string& what);
  // For --trace.
  bool tells() const { return tells_; }
  void tell(const char* format, ...) __attribute__((format(printf, 2, 3)));
  void mix(uint64_t value) { hash_ = mix64(hash_ + value) + value; }

  uint64_t hash() const { return hash_; }
  const Counts& counts() const { return counts_; }
  const Counts& peaks() const { return peaks_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  const Clock& clock_;
  const bool tells_;
  uint64_t hash_ = 0;
  Counts counts_, peaks_;
  std::vector<std::string> violations_;
};

std::string text(const char* format, ...) __attribute__((format(printf, 1, 2)));
// Milliseconds of virtual time since the run began, for texts.
double ms(Instant at);

inline constexpr Instant kStart = Instant::from_ns(1'000'000'000'000);

}  // namespace distcache::sim
