#include "demo/report/report.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "demo/report/format.h"
#include "demo/report/table.h"

namespace demo {
namespace {

using Cells = std::vector<std::string>;

void line(const Style& style, const std::string& text) {
  std::printf("%s\n", style.text(text).c_str());
}

std::string ms(double seconds) { return duration(seconds * 1e9); }

// One row per figure, one column per process and one for all of them.
template <typename Show>
void process_row(Table& table, const Figures& figures, const std::string& title, Show show) {
  Cells cells = {title};
  for (const ProcessReport& process : figures.processes) cells.push_back(show(process));
  cells.push_back(show(figures.cluster));
  table.row(std::move(cells));
}

std::string process_table(const Figures& figures, const Setting& setting, const Style& style) {
  Cells titles = {""};
  for (size_t i = 0; i < kProcesses; ++i) {
    titles.push_back("process " + std::to_string(i + 1) + (i == setting.killed ? " †" : ""));
  }
  titles.emplace_back("cluster");
  Table table(std::move(titles));
  const auto share = [](uint64_t part, const ProcessReport& of) {
    return of.gets == 0 ? "" : percent(static_cast<double>(part) / static_cast<double>(of.gets));
  };
  process_row(table, figures, "gets", [](const auto& of) { return grouped(of.gets); });
  process_row(table, figures, "gets per second",
              [](const auto& of) { return grouped(static_cast<uint64_t>(of.per_second())); });
  process_row(table, figures, "hit ratio", [](const auto& of) { return percent(of.hit_ratio()); });
  table.rule();
  process_row(table, figures, "from its own memory",
              [&](const auto& of) { return share(of.local, of); });
  process_row(table, figures, "from another's memory",
              [&](const auto& of) { return share(of.owner, of); });
  process_row(table, figures, "from the database",
              [&](const auto& of) { return share(of.source, of); });
  if (figures.cluster.absent > 0) {
    process_row(table, figures, "no such key",
                [&](const auto& of) { return share(of.absent, of); });
  }
  table.rule();
  process_row(table, figures, "database queries",
              [](const auto& of) { return grouped(of.queries); });
  process_row(table, figures, "errors", [](const auto& of) { return grouped(of.errors); });
  return table.render(style);
}

std::string latency_table(const Figures& figures, const Style& style) {
  Table table({"latency", "count", "p50", "p99", "slowest"});
  const auto row = [&](const std::string& title, Answer answer) {
    const HistogramSum& latency = figures.latency[static_cast<size_t>(answer)];
    if (latency.count() == 0) return;
    const auto shown = [](uint64_t ns) { return duration(static_cast<double>(ns)); };
    table.row({title, grouped(latency.count()), shown(latency.quantile(0.5)),
               shown(latency.quantile(0.99)), shown(latency.max())});
  };
  row("local hit", Answer::local_memory);
  row("remote hit", Answer::owners_memory);
  row("miss, through the database", Answer::database);
  row("no such key", Answer::nowhere);
  table.rule();
  row("plain query, no cache at all", Answer::plain_query);
  return table.render(style);
}

std::string load_table(const Figures& figures, const Style& style) {
  Table table({"loads per key, whole cluster", "keys", "loads", "per key", "most"});
  const auto row = [&](const std::string& title, const LoadReport& loads) {
    table.row({title, grouped(loads.keys), grouped(loads.loads), fixed(loads.mean(), 3),
               grouped(loads.most)});
  };
  row("before the kill", figures.before);
  row("after it, keys that moved", figures.again);
  if (figures.first.keys > 0) row("after it, keys not asked for before", figures.first);
  return table.render(style);
}

// "process 1 after 3 ms, process 2 after 4 ms"
std::string who_noticed(const Figures& figures, size_t killed) {
  std::string text;
  for (size_t i = 0; i < kProcesses; ++i) {
    if (i == killed) continue;
    const double after = figures.noticed_s[i];
    text += (text.empty() ? "process " : ", process ") + std::to_string(i + 1) +
            (after < 0 ? " not by the end" : " after " + ms(after));
  }
  return text;
}

void print_verdict(const Figures& figures, const Setting& setting, const Style& style) {
  const std::vector<std::string> broken = broken_promises(figures);
  const std::string good = style.good(style.text("✓ "));
  const auto note = [&](const std::string& text) { line(style, style.text("  · ") + text); };
  if (broken.empty()) {
    line(style, "  " + good + "each of " + grouped(figures.before.keys) +
                    " keys was loaded exactly once in the whole cluster");
    line(style, "  " + good + "after process " + std::to_string(setting.killed + 1) +
                    " was killed, " + grouped(figures.again.keys) +
                    " of its keys were loaded again, " + grouped(figures.again.loads) +
                    " times in all");
    line(style, "  " + good + "no caller saw an error, and every byte was right: " +
                    size(figures.cluster.bytes) + " compared");
  }
  for (const std::string& promise : broken) {
    line(style, "  " + style.bad(style.text("✗ ")) + promise);
  }
  const uint64_t without = figures.cluster.gets;
  const uint64_t with = figures.cluster.queries;
  note("the database answered " + grouped(with) + " queries; without the cache " +
       grouped(without) + ", " +
       fixed(static_cast<double>(without) / static_cast<double>(std::max<uint64_t>(with, 1)), 0) +
       " times as many");
  note("gets per second: " + grouped(static_cast<uint64_t>(figures.per_second_before())) +
       " by three processes, " + grouped(static_cast<uint64_t>(figures.per_second_after())) +
       " by two; plain queries: " + grouped(static_cast<uint64_t>(figures.plain_per_second)));
  if (setting.options.database == "sqlite") {
    note("SQLite answers inside the process; --database postgres shows what a server costs");
  }
  note("the kill was noticed by " + who_noticed(figures, setting.killed));
  note("the slowest get after it took " +
       duration(static_cast<double>(figures.slowest_after_kill_ns)));
}

}  // namespace

void print_setting(const Setting& setting, const Style& style) {
  const Workload& workload = setting.workload;
  const Options& options = setting.options;
  line(style, "");
  line(style, "  " + style.bold("Three processes share one cache in front of " + setting.database));
  line(style, "");
  const std::string origin =
      workload.timed() ? "pages of www.ksc.nasa.gov, 1 August 1995" : "keys of your own";
  line(style,
       "  data       " + grouped(workload.pages()) + " " + origin + ", " + size(workload.bytes()));
  line(style, "  requests   " + grouped(workload.requests().size()) +
                  (workload.timed() ? " real ones" : "") + ", " + grouped(setting.rounds) +
                  (setting.rounds == 1 ? " round" : " rounds") + ", " +
                  (options.full_speed() ? "at full speed"
                                        : fixed(options.speed, 0) + " times as fast as recorded"));
  line(style, "  processes  3 × " + std::to_string(options.threads) + " threads; process " +
                  std::to_string(setting.killed + 1) + " will be killed half-way");
  line(style, "");
}

void print_figures(const Figures& figures, const Setting& setting, const Style& style) {
  std::printf("\n%s\n%s\n%s\n", process_table(figures, setting, style).c_str(),
              latency_table(figures, style).c_str(), load_table(figures, style).c_str());
  print_verdict(figures, setting, style);
  line(style, "");
}

void print_summary(const Figures& figures, double seconds) {
  const uint64_t more = std::max(figures.again.most, figures.first.most);
  std::printf(
      "demo: %s gets, %s/s, %.2f %% hits, %s queries instead of %s, %s loads per key before the "
      "kill, at most %s after it, %s errors, %s wrong, %.0f s\n",
      grouped(figures.cluster.gets).c_str(),
      grouped(static_cast<uint64_t>(figures.cluster.per_second())).c_str(),
      100 * figures.cluster.hit_ratio(), grouped(figures.cluster.queries).c_str(),
      grouped(figures.cluster.gets).c_str(), fixed(figures.before.mean(), 3).c_str(),
      grouped(more).c_str(), grouped(figures.cluster.errors).c_str(),
      grouped(figures.cluster.wrong).c_str(), seconds);
}

}  // namespace demo
