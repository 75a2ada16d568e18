#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bench {

// One figure over the rounds of a run.
struct Spread {
  double median = 0, least = 0, most = 0;
};
Spread spread(std::vector<double> rounds);

// Rows of: what, unit, figure; optionally the other side's figure and the ratio ours / theirs.
class Table {
 public:
  explicit Table(std::string title) : title_(std::move(title)) {}
  void add(const std::string& what, const std::string& unit, const std::vector<double>& ours);
  // `theirs` was measured round by round with `ours`: the ratio is that of the rounds.
  void add(const std::string& what, const std::string& unit, const std::vector<double>& ours,
           const std::vector<double>& theirs);
  void print() const;

 private:
  struct Row {
    std::string what, unit;
    Spread ours, theirs, ratio;
    bool compared = false;
  };
  std::string title_;
  std::vector<Row> rows_;
};

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Time that this thread has run: for what waits for nothing, on a machine with other work.
class CpuWatch {
 public:
  double seconds() const { return now() - start_; }

 private:
  static double now();
  double start_ = now();
};

struct Settings {
  int rounds = 5;
  double round_s = 0.4;
};

// Each returns its part of the closing line.
std::string run_hits(const Settings& settings);
std::string run_overhead(const Settings& settings);
std::string run_remote(const Settings& settings);
std::string run_ring(const Settings& settings);

}  // namespace bench
