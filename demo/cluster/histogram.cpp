#include "demo/cluster/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace demo {

void HistogramSum::add(const Histogram& histogram) {
  for (size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += histogram.counts_[i].load(std::memory_order_relaxed);
  }
  max_ = std::max(max_, histogram.max_.load(std::memory_order_relaxed));
}

uint64_t HistogramSum::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

uint64_t HistogramSum::quantile(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count())));
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted && counts_[i] > 0) return std::min(Histogram::value_of(i), max_);
  }
  return 0;
}

}  // namespace demo
