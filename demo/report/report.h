#pragma once

#include <string>

#include "demo/options.h"
#include "demo/report/figures.h"
#include "demo/report/terminal.h"
#include "demo/workload/workload.h"

namespace demo {

// Beside the figures: what was run.
struct Setting {
  const Options& options;
  const Workload& workload;
  std::string database;  // "SQLite 3.40.1"
  uint64_t rounds;
  size_t killed;  // process
};

// What is about to happen.
void print_setting(const Setting& setting, const Style& style);
// The tables, and what they mean.
void print_figures(const Figures& figures, const Setting& setting, const Style& style);
// One line of figures.
void print_summary(const Figures& figures, double seconds);

}  // namespace demo
