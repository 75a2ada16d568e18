#pragma once

#include <string>
#include <vector>

#include "faults.h"
#include "ring/fleet.h"

namespace stress {

// How long something took each time, and how long it may take. What the machine took away is
// subtracted, and told; one time over the limit is excused, and counted, if the machine was not
// calm.
class Measure {
 public:
  // `limit_ms` 0: none is promised.
  Measure(std::string what, double limit_ms) : what_(std::move(what)), limit_ms_(limit_ms) {}

  // Prints it, after `of`: who and how.
  void add(const Agreement& agreement, const std::string& of);
  void judge(Faults& faults) const;
  std::string text() const;  // "crash 50x p99 1830 of 3000 ms"; "" where nothing was measured
  size_t excused() const { return excused_; }

 private:
  double percentile() const;  // 99; the longest of less than 100

  const std::string what_;
  const double limit_ms_;
  std::vector<double> took_ms_;
  size_t excused_ = 0;
};

}  // namespace stress
