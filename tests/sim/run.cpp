#include "run.h"

#include <algorithm>

#include "calls.h"
#include "cluster.h"
#include "judge.h"
#include "loads.h"
#include "nemesis.h"
#include "workload.h"

namespace distcache::sim {
namespace {

constexpr Duration kMeet = Duration::seconds(10);  // P5
constexpr Duration kRest = Duration::seconds(8);
constexpr Duration kClose = Duration::seconds(3);

class Run {
 public:
  Run(const Plan& plan, bool tells)
      : plan_(plan),
        clock_(kStart),
        network_({.seed = plan.seed, .mode = plan.mode, .start = kStart}),
        report_(clock_, tells),
        history_(clock_),
        watch_(clock_, report_),
        clocks_(clock_),
        judge_(plan_, clock_, report_, history_, watch_, clocks_),
        loads_(world_, judge_),
        cluster_(world_),
        calls_(world_, judge_, cluster_),
        nemesis_(world_, cluster_),
        workload_(world_, cluster_, calls_) {}

  Verdict all();

 private:
  void prepare();
  void safety();
  void liveness();
  void meet();
  void round(const char* when);
  void write_all();
  void close();
  bool all_met() const;
  std::vector<core::MemberId> owners(uint32_t keyspace) const;

  const Plan plan_;
  Timeline clock_;
  MemoryNetwork network_;
  Report report_;
  History history_;
  Watch watch_;
  Clocks clocks_;
  World world_{plan_, clock_, clocks_, network_, report_, history_, watch_, loads_};
  Judge judge_;
  Loads loads_;
  Cluster cluster_;
  Calls calls_;
  Nemesis nemesis_;
  Workload workload_;
};

Verdict Run::all() {
  prepare();
  safety();
  liveness();
  close();
  report_.mix(network_.trace_hash());
  return {report_.hash(), report_.counts(), report_.peaks(), report_.violations(),
          clock_.now() - kStart};
}

void Run::prepare() {
  for (const KeyId key : workload_.all_keys()) {
    const std::string text = key_text(key);
    watch_.add_key(key, core::Key::of(text).hash);
    history_.change(key, false);
  }
  for (uint32_t keyspace = 0; keyspace < plan_.keyspaces.size(); ++keyspace) {
    std::vector<core::MemberId> members;
    for (memory::NodeId machine = 0; machine < plan_.nodes; ++machine) {
      if (plan_.keyspaces[keyspace].has_source[machine]) {
        members.push_back(Process::member_of(machine));
      }
    }
    judge_.set_sources(keyspace, members);
  }
  for (memory::NodeId machine = 0; machine < plan_.nodes; ++machine) cluster_.start(machine);
}

// Whatever may go wrong goes wrong; only safety is promised.
void Run::safety() {
  if (!plan_.faults.cold_start) {
    cluster_.run_until(clock_.now() + kMeet, [this] { return all_met(); });
    if (!all_met()) report_.violate("P5", "the members have not met within 10 s");
  }
  nemesis_.begin();
  workload_.begin();
  cluster_.run_for(plan_.fault_time);
}

// Nothing goes wrong any more: within 10 s everything has to be well, and to stay so.
void Run::liveness() {
  workload_.stop();
  loads_.heal();
  nemesis_.stop();
  const Instant rest = clock_.now() + kMeet + kRest;
  meet();
  calls_.set_all_is_well();
  round("after the faults");
  write_all();
  round("after the last writes");
  cluster_.run_until(rest, [] { return false; });
  round("at the end");
  for (const Process* process : cluster_.alive()) const_cast<Process*>(process)->check_at_rest();
}

void Run::meet() {
  const Instant healed = clock_.now();
  cluster_.run_until(healed + kMeet, [this] { return all_met(); });
  if (!all_met()) {
    report_.violate("P5", "no one view within 10 s after the faults:" + watch_.describe({0, 0}));
  }
  report_.count("members have met again, ms", "sum",
                static_cast<uint64_t>((clock_.now() - healed).as_ms()));
  cluster_.run_until(healed + kMeet, [] { return false; });
}

bool Run::all_met() const {
  for (uint32_t keyspace = 0; keyspace < plan_.keyspaces.size(); ++keyspace) {
    const std::vector<core::MemberId> owners = this->owners(keyspace);
    if (!watch_.complete(keyspace, owners)) return false;
    for (const Process* process : cluster_.alive()) {
      const bool is_owner = std::binary_search(owners.begin(), owners.end(), process->member());
      if (is_owner && !process->confirmed(keyspace, process->clock().now())) return false;
    }
  }
  return true;
}

// Who owns keys when everybody runs: those with a source that are no clients; without any, all.
std::vector<core::MemberId> Run::owners(uint32_t keyspace) const {
  std::vector<core::MemberId> with_source, all;
  for (memory::NodeId machine = 0; machine < plan_.nodes; ++machine) {
    if (plan_.faults.client && machine + 1 == plan_.nodes) continue;
    all.push_back(Process::member_of(machine));
    if (plan_.keyspaces[keyspace].has_source[machine]) with_source.push_back(all.back());
  }
  std::vector<core::MemberId>& owners = with_source.empty() ? all : with_source;
  std::sort(owners.begin(), owners.end());
  return owners;
}

// Every key at every node, one after the other: all must have the same.
void Run::round(const char* when) {
  // What does not stay is loaded again, by each reader another value; the judge has looked at each.
  const bool expires = plan_.faults.short_ttls || plan_.faults.small_memory ||
                       plan_.faults.oversize || plan_.faults.careless_source ||
                       (plan_.mode == memory::Mode::lossy && plan_.faults.big_values);
  for (const KeyId key : workload_.all_keys()) {
    if (!report_.violations().empty()) return;  // a cluster that hangs is not looked at for hours
    std::string first;
    for (Process* process : cluster_.that_take_calls()) {
      bool done = false;
      std::string got;
      calls_.get(*process, {key}, Duration::seconds(5),
                 [&](const Call&, const engine::Pending::Outcomes& outcomes) {
                   done = true;
                   got = std::string(status_name(outcomes.front().status)) +
                         std::string(outcomes.front().value.view().substr(0, ValueTag::kBytes));
                 });
      cluster_.run_until(clock_.now() + Duration::seconds(6), [&done] { return done; });
      if (first.empty()) first = got;
      if (got == first || expires) continue;
      report_.violate("agreement", text("%s: process %u has another value of %s than the others",
                                        when, process->number(), key_text(key).c_str()));
    }
  }
}

void Run::write_all() {
  const std::vector<KeyId> keys = workload_.all_keys();
  for (size_t i = 0; i < keys.size() && i < 12; ++i) {
    const std::vector<Process*> processes = cluster_.that_take_calls();
    if (processes.empty()) return;
    Process& process = *processes[i % processes.size()];
    bool done = false;
    const auto then = [&](const Call&, const engine::Pending::Outcomes&) { done = true; };
    if (plan_.faults.refreshes && i % 3 == 2) {
      calls_.refresh(process, keys[i], Duration::seconds(5), then);
    } else if (i % 2 == 0) {
      calls_.put(process, {keys[i]}, Duration::seconds(5), then);
    } else {
      calls_.remove(process, {keys[i]}, Duration::seconds(5), then);
    }
    cluster_.run_until(clock_.now() + Duration::seconds(6), [&done] { return done; });
  }
}

void Run::close() {
  for (Process* process : cluster_.alive()) process->leave();
  cluster_.run_for(kClose);
  loads_.forget();
  cluster_.run_for(Duration::ms(1));
  calls_.check_all_done();
  for (const std::unique_ptr<Process>& process : cluster_.processes()) {
    if (process->alive()) {
      report_.violate("I9", text("process %u has not ended", process->number()));
    } else {
      process->check_gone();
    }
  }
}

}  // namespace

Verdict run(const Plan& plan, bool tells) { return Run(plan, tells).all(); }

std::string describe(const Plan& plan) {
  return text("%u nodes, %u keys in %zu keyspaces, %s: ", plan.nodes, plan.keys,
              plan.keyspaces.size(), plan.mode == memory::Mode::tcp ? "tcp" : "lossy") +
         plan.faults.names();
}

}  // namespace distcache::sim
