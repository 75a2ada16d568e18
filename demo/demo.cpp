#include "demo/demo.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <sstream>
#include <thread>

#include "demo/clock.h"
#include "demo/cluster/board.h"
#include "demo/cluster/cluster.h"
#include "demo/cluster/replay.h"
#include "demo/database/database.h"
#include "demo/failure.h"
#include "demo/interrupt.h"
#include "demo/report/figures.h"
#include "demo/report/format.h"
#include "demo/report/report.h"
#include "demo/report/terminal.h"
#include "demo/temporary_folder.h"
#include "demo/workload/workload.h"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr size_t kVictim = 2;  // process 3
constexpr auto kLook = 5ms;
constexpr auto kPlain = 1500ms;
constexpr auto kPlainQuick = 500ms;
// No get of any process for this long: something hangs.
constexpr int64_t kStuckNs = 30'000'000'000;
constexpr auto kNoticeTimeout = 10s;
constexpr auto kCloseTimeout = 40s;  // more than shutdown.timeout.ms

double seconds_since(int64_t begin_ns) { return static_cast<double>(now_ns() - begin_ns) / 1e9; }

uint64_t gets_of(const ProcessFigures& process) {
  uint64_t gets = 0;
  for (const Lane& lane : process.lanes) gets += lane.gets.load(std::memory_order_relaxed);
  return gets;
}

uint64_t gets_of(const Board& board) {
  uint64_t gets = 0;
  for (const ProcessFigures& process : board.processes) gets += gets_of(process);
  return gets;
}

class Demo {
 public:
  Demo(const Options& options, const std::vector<std::string>& arguments)
      : options_(options),
        arguments_(arguments),
        workload_(read_workload(options)),
        database_(make_database(options.database)),
        deal_{rounds_of(options, workload_), workload_.requests().size()},
        setting_{options_, workload_, database_->name(), deal_.rounds, kVictim},
        style_(Style::of_stdout()),
        progress_(style_) {}

  int run() {
    print_setting(setting_, style_);
    make_the_database();
    start_the_cluster();
    ask_without_cache();
    replay();
    await_notice();
    const Figures figures = end_and_count();
    print_figures(figures, setting_, style_);
    print_summary(figures, seconds_since(begun_ns_));
    return broken_promises(figures).empty() ? 0 : 1;
  }

 private:
  void say(const std::string& sentence) { progress_.say(sentence); }

  void make_the_database() {
    const int64_t begin = now_ns();
    server_ = database_->create(folder_.path(), workload_, &location_);
    say("the database is made, " + fixed(seconds_since(begin), 1) + " s");
  }

  void start_the_cluster() {
    const int64_t begin = now_ns();
    cluster_ = std::make_unique<Cluster>(arguments_, location_, board_);
    cluster_->form();
    std::string pids;
    for (size_t i = 0; i < kProcesses; ++i) pids += " " + std::to_string(cluster_->pid(i));
    say("three processes have met (pids" + pids + "), " + fixed(seconds_since(begin), 1) + " s");
  }

  void ask_without_cache() {
    const auto duration = options_.quick ? kPlainQuick : kPlain;
    for (const std::string& answer :
         cluster_->say("plain " + std::to_string(duration.count()), duration + 20s)) {
      std::istringstream numbers(answer);
      double asked = 0, us = 0;
      numbers >> asked >> us;
      plain_per_second_ += asked / (us / 1e6);
    }
    say("without the cache they make " + grouped(static_cast<uint64_t>(plain_per_second_)) +
        " queries per second; now with it");
  }

  void replay() {
    board_->started_ns.store(now_ns());
    cluster_->tell("replay");
    uint64_t gets = 0;
    int64_t moved_ns = now_ns();
    while (gets + kill_.lost < deal_.total()) {
      throw_if_interrupted();
      std::this_thread::sleep_for(kLook);
      cluster_->check();
      const uint64_t now = gets_of(*board_);
      if (now != gets) moved_ns = now_ns();
      gets = now;
      if (options_.full_speed() && now_ns() - moved_ns > kStuckNs) {
        throw Failure("no get has returned for half a minute");
      }
      if (kill_.at_ns == 0 && 2 * gets >= deal_.total()) kill_one();
      const double seconds = seconds_since(board_->started_ns.load());
      progress_.show(static_cast<double>(gets) / static_cast<double>(deal_.total()),
                     grouped(gets) + " gets, " +
                         grouped(static_cast<uint64_t>(static_cast<double>(gets) / seconds)) +
                         "/s" + (kill_.at_ns == 0 ? ", three processes" : ", two processes"));
    }
    cluster_->hear("replay", kNoticeTimeout);
    progress_.show(1, grouped(gets) + " gets");
    progress_.clear();
  }

  void kill_one() {
    kill_.process = kVictim;
    kill_.at_ns = now_ns();
    board_->killed_at_ns.store(kill_.at_ns);
    cluster_->kill(kVictim);
    // It is gone: its figures stand still, and the survivors may go on with its share.
    const ProcessFigures& victim = board_->processes[kVictim];
    const uint64_t taken = std::min(victim.next.load(), deal_.share_of(kVictim));
    kill_.lost = taken - gets_of(victim);
    kill_.gets_before = gets_of(*board_);
    board_->orphaned.store(kVictim + 1);
    say(style_.bad("process 3 was killed") + " after " + grouped(kill_.gets_before) +
        " gets, with " + grouped(kill_.lost) + " requests in its hands");
  }

  // A short replay is over before the others are told that one is gone.
  void await_notice() {
    const auto end = std::chrono::steady_clock::now() + kNoticeTimeout;
    for (size_t i = 0; i < kProcesses; ++i) {
      while (i != kVictim && board_->processes[i].noticed_ns.load() == 0 &&
             std::chrono::steady_clock::now() < end) {
        throw_if_interrupted();
        std::this_thread::sleep_for(kLook);
      }
    }
  }

  Figures end_and_count() {
    Figures figures = count_figures(*board_, kill_, workload_, deal_.total());
    figures.plain_per_second = plain_per_second_;
    cluster_->say("close", kCloseTimeout);
    cluster_->end();
    server_.reset();
    return figures;
  }

  const Options& options_;
  const std::vector<std::string>& arguments_;
  const int64_t begun_ns_ = now_ns();
  const Workload workload_;
  const std::unique_ptr<Database> database_;
  const Deal deal_;
  const Setting setting_;
  const Style style_;
  Progress progress_;
  KillRecord kill_;
  double plain_per_second_ = 0;

  // Ended in the opposite order: processes, their database, its folder.
  const TemporaryFolder folder_;
  const SharedBoard board_;
  std::string location_;
  std::unique_ptr<DatabaseServer> server_;
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace

int run_demo(const Options& options, const std::vector<std::string>& arguments) {
  return Demo(options, arguments).run();
}

}  // namespace demo
