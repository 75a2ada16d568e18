#include "ring/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace stress {

void Measure::add(const Agreement& agreement, const std::string& of) {
  const double took_ms = agreement.took_ms - agreement.stalled_ms;
  const bool excused = limit_ms_ > 0 && took_ms > limit_ms_ && !agreement.calm;
  std::printf("%s, %s: one ring after %.0f ms, and %.0f ms in which the machine stood still%s\n",
              what_.c_str(), of.c_str(), took_ms, agreement.stalled_ms, excused ? ": excused" : "");
  std::fflush(stdout);
  if (excused) ++excused_;
  if (!excused) took_ms_.push_back(took_ms);
}

double Measure::percentile() const {
  std::vector<double> sorted = took_ms_;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<size_t>(std::ceil(0.99 * static_cast<double>(sorted.size())));
  return sorted.empty() ? 0 : sorted[rank - 1];
}

void Measure::judge(Faults& faults) const {
  if (limit_ms_ > 0 && percentile() > limit_ms_) faults.add("too long: " + text());
}

std::string Measure::text() const {
  if (took_ms_.empty()) return {};
  char text[160];
  std::snprintf(text, sizeof text, "%s %zux p99 %.0f", what_.c_str(), took_ms_.size(),
                percentile());
  return text + (limit_ms_ > 0 ? " of " + std::to_string(std::lround(limit_ms_)) : "") + " ms";
}

}  // namespace stress
