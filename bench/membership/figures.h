#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

// The smallest of the figures that `percent` of them do not exceed.
inline int64_t percentile(std::vector<int64_t> figures, size_t percent) {
  if (figures.empty()) return 0;
  const size_t at = std::min(figures.size() * percent / 100, figures.size() - 1);
  std::nth_element(figures.begin(), figures.begin() + static_cast<ptrdiff_t>(at), figures.end());
  return figures[at];
}

struct Verdict {
  double fewer = 0;  // false positives than plain SWIM, so many times
  double later = 0;  // the first detection, at the worst size
  bool met = false;  // both goals
};

// Each prints its tables.
Verdict run_lifeguard(bool is_long);
void run_scale(bool is_long);

}  // namespace bench
