#include "demo/report/figures.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "demo/report/format.h"

namespace demo {
namespace {

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

double seconds_between(int64_t from_ns, int64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e9;
}

ProcessReport count_process(const ProcessFigures& process) {
  ProcessReport report;
  std::array<HistogramSum, kAnswers> answers;
  for (const Lane& lane : process.lanes) {
    report.gets += lane.gets.load();
    report.bytes += lane.bytes.load();
    report.errors += lane.errors.load();
    report.wrong += lane.wrong.load();
    for (size_t i = 0; i < kAnswers; ++i) answers[i].add(lane.latency[i]);
  }
  report.local = answers[static_cast<size_t>(Answer::local_memory)].count();
  report.owner = answers[static_cast<size_t>(Answer::owners_memory)].count();
  report.source = answers[static_cast<size_t>(Answer::database)].count();
  report.absent = answers[static_cast<size_t>(Answer::nowhere)].count();
  report.queries = process.loads.load();
  return report;
}

void add_to(ProcessReport& sum, const ProcessReport& part) {
  sum.gets += part.gets;
  sum.local += part.local;
  sum.owner += part.owner;
  sum.source += part.source;
  sum.absent += part.absent;
  sum.bytes += part.bytes;
  sum.errors += part.errors;
  sum.wrong += part.wrong;
  sum.queries += part.queries;
}

LoadReport sum_up(const std::map<uint32_t, uint64_t>& loads_of_key) {
  LoadReport report;
  for (const auto& [key, loads] : loads_of_key) {
    ++report.keys;
    report.loads += loads;
    report.most = std::max(report.most, loads);
  }
  return report;
}

// "process 1 3.2 ms before the kill, process 2 1.1 ms after it"
// After the kill: by who stands in for the process that is gone, and by the key's next owner.
constexpr uint64_t kAgainMax = 2;

std::string who_loaded(const Board& board, const KillRecord& kill, uint32_t key) {
  std::string text;
  for (size_t i = 0; i < kProcesses; ++i) {
    for (const Load& load : board.processes[i].recorded_loads()) {
      if (load.key != key) continue;
      const int64_t after_ns = load.started_ns - kill.at_ns;
      text += (text.empty() ? "process " : ", process ") + std::to_string(i + 1) + " " +
              duration(static_cast<double>(std::abs(after_ns))) +
              (after_ns < 0 ? " before the kill" : " after it");
    }
  }
  return text;
}

// What the killed process loaded, it loaded before; what the others began to load once the signal
// was on its way counts as after.
void count_loads(const Board& board, const KillRecord& kill, const Workload& workload,
                 Figures& figures) {
  std::map<uint32_t, uint64_t> before, after;
  std::set<uint32_t> loaded_by_survivor;
  for (size_t i = 0; i < kProcesses; ++i) {
    const ProcessFigures& process = board.processes[i];
    figures.unrecorded += process.loads.load() - process.recorded_loads().size();
    for (const Load& load : process.recorded_loads()) {
      if (i == kill.process || load.started_ns < kill.at_ns) {
        ++before[load.key];
        if (i != kill.process) loaded_by_survivor.insert(load.key);
      } else {
        ++after[load.key];
      }
    }
  }
  figures.before = sum_up(before);
  std::map<uint32_t, uint64_t> again, first;
  for (const auto& key : after) (before.contains(key.first) ? again : first).insert(key);
  figures.again = sum_up(again);
  figures.first = sum_up(first);
  for (const auto& [loads_of_key, most] : {std::pair(&before, uint64_t{1}), {&after, kAgainMax}}) {
    const auto often = std::find_if(loads_of_key->begin(), loads_of_key->end(),
                                    [most = most](const auto& key) { return key.second > most; });
    if (often == loads_of_key->end()) continue;
    figures.faults.push_back("'" + std::string(workload.key(often->first)) + "' was loaded by " +
                             who_loaded(board, kill, often->first));
  }
  figures.unmoved =
      static_cast<uint64_t>(std::count_if(after.begin(), after.end(), [&](const auto& key) {
        return loaded_by_survivor.contains(key.first);
      }));
}

}  // namespace

double ProcessReport::hit_ratio() const {
  return ratio(static_cast<double>(local + owner), static_cast<double>(local + owner + source));
}
double ProcessReport::per_second() const { return ratio(static_cast<double>(gets), seconds); }
double LoadReport::mean() const {
  return ratio(static_cast<double>(loads), static_cast<double>(keys));
}
double Figures::per_second_before() const {
  return ratio(static_cast<double>(gets_before), seconds_before);
}
double Figures::per_second_after() const {
  return ratio(static_cast<double>(cluster.gets - gets_before), seconds_after);
}

Figures count_figures(const Board& board, const KillRecord& kill, const Workload& workload,
                      uint64_t requests) {
  Figures figures;
  const int64_t started = board.started_ns.load();
  int64_t finished = kill.at_ns;
  for (size_t i = 0; i < kProcesses; ++i) {
    const ProcessFigures& process = board.processes[i];
    ProcessReport& report = figures.processes[i];
    report = count_process(process);
    const int64_t end = i == kill.process ? kill.at_ns : process.finished_ns.load();
    report.seconds = seconds_between(started, end);
    finished = std::max(finished, end);
    add_to(figures.cluster, report);
    const int64_t noticed = process.noticed_ns.load();
    figures.noticed_s[i] = noticed == 0 ? -1 : seconds_between(kill.at_ns, noticed);
    for (const Lane& lane : process.lanes) {
      for (size_t kind = 0; kind < kAnswers; ++kind) {
        figures.latency[kind].add(lane.latency[kind]);
      }
      figures.slowest_after_kill_ns =
          std::max(figures.slowest_after_kill_ns, lane.slowest_after_kill_ns.load());
    }
    const std::string fault = process.first_fault();
    if (!fault.empty()) figures.faults.push_back(fault);
  }
  figures.cluster.seconds = seconds_between(started, finished);
  figures.seconds_before = seconds_between(started, kill.at_ns);
  figures.seconds_after = seconds_between(kill.at_ns, finished);
  figures.gets_before = kill.gets_before;
  figures.unanswered = requests - figures.cluster.gets - kill.lost;
  count_loads(board, kill, workload, figures);
  return figures;
}

std::vector<std::string> broken_promises(const Figures& figures) {
  std::vector<std::string> broken;
  const ProcessReport& all = figures.cluster;
  if (all.errors > 0) broken.push_back(grouped(all.errors) + " gets ended in an error");
  if (all.wrong > 0) broken.push_back(grouped(all.wrong) + " gets gave wrong bytes");
  if (figures.before.loads != figures.before.keys) {
    broken.push_back("before the kill a key was loaded " + grouped(figures.before.most) +
                     " times, and " + grouped(figures.before.keys) + " keys " +
                     grouped(figures.before.loads) + " times");
  }
  for (const LoadReport& after : {figures.again, figures.first}) {
    if (after.most <= kAgainMax) continue;
    broken.push_back("after the kill a key was loaded " + grouped(after.most) + " times, and " +
                     grouped(after.keys) + " keys " + grouped(after.loads) + " times");
  }
  if (figures.unmoved > 0) {
    broken.push_back(grouped(figures.unmoved) +
                     " keys were loaded again although their owner lives");
  }
  if (figures.unanswered > 0) {
    broken.push_back(grouped(figures.unanswered) + " requests got no answer");
  }
  if (figures.unrecorded > 0) {
    broken.push_back(grouped(figures.unrecorded) + " loads could not be recorded");
  }
  for (const std::string& fault : figures.faults) broken.push_back("first: " + fault);
  return broken;
}

}  // namespace demo
