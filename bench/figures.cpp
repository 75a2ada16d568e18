#include "figures.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

namespace bench {

Spread spread(std::vector<double> rounds) {
  if (rounds.empty()) return {};
  std::sort(rounds.begin(), rounds.end());
  return {rounds[rounds.size() / 2], rounds.front(), rounds.back()};
}

double CpuWatch::now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void Table::add(const std::string& what, const std::string& unit, const std::vector<double>& ours) {
  rows_.push_back({what, unit, spread(ours), {}, {}, false});
}

void Table::add(const std::string& what, const std::string& unit, const std::vector<double>& ours,
                const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    ratios.push_back(ours[i] / theirs[i]);
  }
  rows_.push_back({what, unit, spread(ours), spread(theirs), spread(ratios), true});
}

void Table::print() const {
  std::printf("\n%s\n", title_.c_str());
  std::printf("  %-34s %-8s %10s %22s %12s %8s\n", "", "unit", "median", "least .. most",
              "raw ZeroMQ", "ratio");
  for (const Row& row : rows_) {
    std::printf("  %-34s %-8s %10.1f %10.1f ..%10.1f", row.what.c_str(), row.unit.c_str(),
                row.ours.median, row.ours.least, row.ours.most);
    if (row.compared) std::printf(" %12.1f %8.2f", row.theirs.median, row.ratio.median);
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace bench
