#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "demo/cluster/board.h"
#include "demo/cluster/histogram.h"
#include "demo/workload/workload.h"

namespace demo {

// What happened in one process, or in all of them.
struct ProcessReport {
  uint64_t gets = 0;
  uint64_t local = 0, owner = 0, source = 0, absent = 0;  // of the gets, where they were answered
  uint64_t bytes = 0;
  uint64_t errors = 0;
  uint64_t wrong = 0;
  uint64_t queries = 0;  // database queries that its cache made
  double seconds = 0;    // that it replayed requests

  double hit_ratio() const;
  double per_second() const;
};

// Of the loads of all keys in a part of the run; every one is a database query by some process.
struct LoadReport {
  uint64_t keys = 0;  // that were loaded
  uint64_t loads = 0;
  uint64_t most = 0;  // loads of one key
  double mean() const;
};

// All figures of a run, counted from the board when it is over.
struct Figures {
  std::array<ProcessReport, kProcesses> processes;
  ProcessReport cluster;
  std::array<HistogramSum, kAnswers> latency;

  LoadReport before;
  LoadReport again;  // after the kill, keys that had been loaded before it
  LoadReport first;  // after the kill, keys that had not
  // Keys loaded again after the kill although the process that had loaded them lives.
  uint64_t unmoved = 0;
  uint64_t unrecorded = 0;  // loads that the log had no room for
  uint64_t unanswered = 0;  // requests that neither were answered nor died with the killed process

  double seconds_before = 0, seconds_after = 0;
  uint64_t gets_before = 0;
  std::array<double, kProcesses> noticed_s{};  // after the kill; negative: not at all
  uint64_t slowest_after_kill_ns = 0;
  double plain_per_second = 0;
  std::vector<std::string> faults;  // the first one of each kind, for people

  double per_second_before() const;
  double per_second_after() const;
};

struct KillRecord {
  size_t process = 0;
  int64_t at_ns = 0;         // as on the board
  uint64_t gets_before = 0;  // of all processes, counted after the kill
  uint64_t lost = 0;         // requests that died inside the killed process
};

// `requests`: of all rounds.
Figures count_figures(const Board& board, const KillRecord& kill, const Workload& workload,
                      uint64_t requests);

// What was promised and did not happen, as sentences. Empty: all is well.
std::vector<std::string> broken_promises(const Figures& figures);

}  // namespace demo
