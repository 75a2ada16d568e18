#include "ring/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace stress {

void Measure::add(const Agreement& agreement, const std::string& of) {
  took_ms_.push_back(agreement.took_ms - agreement.stalled_ms);
  stalled_ms_ += agreement.stalled_ms;
  std::printf("%s %zu, %s: one ring after %.0f ms, and %.0f ms in which the machine stood still\n",
              what_.c_str(), took_ms_.size(), of.c_str(), took_ms_.back(), agreement.stalled_ms);
  std::fflush(stdout);
}

double Measure::percentile() const {
  std::vector<double> sorted = took_ms_;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<size_t>(std::ceil(0.99 * static_cast<double>(sorted.size())));
  return sorted.empty() ? 0 : sorted[rank - 1];
}

void Measure::judge(Faults& faults) const {
  if (percentile() > limit_ms_) faults.add("too long: " + text());
}

std::string Measure::text() const {
  if (took_ms_.empty()) return {};
  char text[160];
  std::snprintf(text, sizeof text, "%s %zux p99 %.0f of %.0f ms", what_.c_str(), took_ms_.size(),
                percentile(), limit_ms_);
  return text;
}

}  // namespace stress
