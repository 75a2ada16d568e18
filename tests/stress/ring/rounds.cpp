#include "ring/rounds.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <string_view>
#include <thread>

#include "ring/beside.h"
#include "ring/duty_cycle.h"
#include "ring/measure.h"

namespace stress {
namespace {

using cluster::Clock;
using cluster::Milliseconds;
using cluster::ms_between;

constexpr uint32_t kRunningShare = 5;  // of a slow node's time: a fifth
constexpr Milliseconds kCalm{2'000};   // after a cut: whatever it leads to is told by then
constexpr int64_t kProgressNs = 30'000'000'000;
constexpr std::string_view kSlow = "slow";
constexpr size_t kEventsPerCut = 2;

class Rounds {
 public:
  Rounds(const RoundsOptions& options, bool own_network)
      : options_(options), random_(options.seed), fleet_(own_network) {}

  Outcome run();

 private:
  bool wanted(const char* kind, bool possible = true) const;
  void all();
  void crash();
  void leave();
  void silence();
  void restart();
  void slow();
  void cut();
  void partition();
  void apart();

  size_t anyone() { return random_() % Fleet::size(); }
  void join(size_t index);
  void cut_once();
  // Of nodes that were never stopped; the excused ones in second place.
  std::pair<size_t, size_t> false_deaths(size_t victim, const std::vector<size_t>& before);
  void sever(const Indexes& one, const Indexes& other);
  // The source is asked for each key at most twice per change of the ring, as these see it.
  void few_loads(const char* what, const Indexes& witnesses, const std::function<void()>& change);
  std::vector<const Measure*> measures() const;
  std::string figures() const;

  const RoundsOptions options_;
  std::mt19937_64 random_;
  Faults faults_;
  Fleet fleet_;
  Measure crash_{"crash", 3'000}, silence_{"silence", 6'000}, back_{"back", 10'000},
      leave_{"leave", 200}, join_{"join", 1'000}, restart_{"mass restart", 10'000},
      split_{"split", 0}, heal_{"heal", 10'000}, apart_{"merge", 10'000};
  uint32_t most_loads_ = 0;
  size_t slow_deaths_ = 0, most_events_ = 0, cuts_ = 0;
  size_t excused_ = 0;  // beside those of the measures
};

void Rounds::few_loads(const char* what, const Indexes& witnesses,
                       const std::function<void()>& change) {
  std::vector<uint32_t> before;
  for (size_t key = 0; key < Fleet::kKeys; ++key) before.push_back(fleet_.loads_of(key));
  const int64_t since_ns = now_ns();
  const int64_t changes_before = fleet_.ring_changes(witnesses[0]);
  change();
  const int64_t changes = std::max<int64_t>(fleet_.ring_changes(witnesses[0]) - changes_before, 1);
  uint32_t most = 0;
  for (size_t key = 0; key < Fleet::kKeys; ++key) {
    most = std::max(most, fleet_.loads_of(key) - before[key]);
  }
  const bool too_many = most > 2 * changes;
  if (too_many && !fleet_.calm(witnesses, since_ns, now_ns())) {
    ++excused_;
    return;
  }
  most_loads_ = std::max(most_loads_, most);
  if (!too_many) return;
  faults_.add(std::string(what) + ": the source was asked " + std::to_string(most) +
              " times for a key, with " + std::to_string(changes) + " changes of the ring");
}

void Rounds::join(size_t index) {
  const int64_t since_ns = fleet_.start({index});
  join_.add(fleet_.await_one_ring(Fleet::all(), since_ns), fleet_.name(index));
  fleet_.put_under_load({index});
}

void Rounds::crash() {
  for (uint32_t i = 0; i < options_.crashes; ++i) {
    const size_t victim = anyone();
    const Indexes left = Fleet::others({victim});
    few_loads("crash", left, [&] {
      const int64_t since_ns = fleet_.kill({victim});
      crash_.add(fleet_.await_one_ring(left, since_ns), fleet_.name(victim));
    });
    few_loads("join", left, [&] { join(victim); });
  }
}

void Rounds::leave() {
  for (uint32_t i = 0; i < options_.leaves; ++i) {
    const size_t victim = anyone();
    const Indexes left = Fleet::others({victim});
    few_loads("leave", left, [&] {
      const int64_t since_ns = fleet_.leave(victim);
      leave_.add(fleet_.await_one_ring(left, since_ns), fleet_.name(victim));
    });
    few_loads("join", left, [&] { join(victim); });
  }
}

// A process that stands still, whose machine goes on to acknowledge; and a machine that is gone.
// Whoever was silent starts anew before the next: for some seconds it would be slow to judge
// others, as Lifeguard wants it, and the next silence is to be one alone.
void Rounds::silence() {
  for (uint32_t i = 0; i < options_.silences; ++i) {
    const size_t victim = anyone();
    const Indexes left = Fleet::others({victim});
    const bool gone = fleet_.can_cut() && i % 2 == 0;
    const std::string how = fleet_.name(victim) + (gone ? " unreachable" : " stopped");
    const int64_t since_ns = now_ns();
    if (gone) sever({victim}, left);
    if (!gone) fleet_.child(victim).signal(SIGSTOP);
    silence_.add(fleet_.await_one_ring(left, since_ns), how);
    const int64_t back_ns = now_ns();
    if (gone) fleet_.network().mend();
    if (!gone) fleet_.child(victim).signal(SIGCONT);
    back_.add(fleet_.await_one_ring(Fleet::all(), back_ns), how);
    crash_.add(fleet_.await_one_ring(left, fleet_.kill({victim})), fleet_.name(victim));
    join(victim);
  }
}

// All at one moment, and one after the other so that they hardly ever see each other.
void Rounds::restart() {
  for (uint32_t i = 0; i < options_.restarts; ++i) {
    int64_t since_ns = 0;
    if (i % 2 == 0) {
      fleet_.kill(Fleet::all());
      since_ns = fleet_.start(Fleet::all());
    } else {
      for (const size_t index : Fleet::all()) {
        fleet_.kill({index});
        since_ns = fleet_.start({index});
      }
    }
    fleet_.put_under_load(Fleet::all());
    restart_.add(fleet_.await_one_ring(Fleet::all(), since_ns),
                 i % 2 == 0 ? "all at once" : "one by one");
  }
}

std::pair<size_t, size_t> Rounds::false_deaths(size_t victim, const std::vector<size_t>& before) {
  std::pair<size_t, size_t> deaths;
  for (const size_t index : Fleet::all()) {
    for (const PeerEvent& event : fleet_.events(index, before[index])) {
      if (event.kind != "failed" || event.peer == fleet_.name(victim)) continue;
      const auto accused = static_cast<size_t>(event.peer[0] - 'A');
      const bool calm =
          fleet_.calm({accused, index == victim ? accused : index}, event.at_ns, event.at_ns);
      ++(calm ? deaths.first : deaths.second);
    }
  }
  return deaths;
}

void Rounds::slow() {
  const size_t victim = anyone();
  std::vector<size_t> before;
  for (const size_t index : Fleet::all()) before.push_back(fleet_.events_so_far(index));
  const int64_t end_ns = now_ns() + int64_t{options_.slow_seconds} * 1'000'000'000;
  {
    const Milliseconds running(options_.slow_period_ms / kRunningShare);
    const DutyCycle fifth(fleet_.child(victim).pid(),
                          Milliseconds(options_.slow_period_ms) - running, running);
    while (now_ns() < end_ns) {
      const int64_t wait_ns = std::min(end_ns - now_ns(), kProgressNs);
      std::this_thread::sleep_for(std::chrono::nanoseconds(wait_ns));
      std::printf("slow: %s has a fifth of a processor for %ld s more, %zu false deaths\n",
                  fleet_.name(victim).c_str(),
                  std::max<int64_t>(end_ns - now_ns(), 0) / 1'000'000'000,
                  false_deaths(victim, before).first);
      std::fflush(stdout);
    }
  }
  back_.add(fleet_.await_one_ring(Fleet::all(), now_ns()), fleet_.name(victim) + " slow no more");
  const auto [deaths, excused] = false_deaths(victim, before);
  slow_deaths_ = deaths;
  excused_ += excused;
  if (deaths > 0) faults_.add("nodes that were never stopped were declared dead");
}

void Rounds::cut_once() {
  const size_t from = anyone();
  const size_t to = (from + 1 + random_() % (Fleet::size() - 1)) % Fleet::size();
  std::vector<size_t> before;
  for (const size_t index : Fleet::all()) before.push_back(fleet_.events_so_far(index));
  const int64_t since_ns = now_ns();
  fleet_.network().cut(from, to);
  std::this_thread::sleep_for(std::chrono::seconds(options_.cut_seconds));
  fleet_.network().mend();
  back_.add(fleet_.await_one_ring(Fleet::all(), now_ns()), "after a one-way cut");
  std::this_thread::sleep_for(kCalm);
  size_t most = 0;
  std::string told;
  for (const size_t index : Fleet::all()) {
    const std::vector<PeerEvent> events = fleet_.events(index, before[index]);
    most = std::max(most, events.size());
    for (const PeerEvent& event : events) {
      told += ' ' + fleet_.name(index) + ": " + event.peer + ' ' + event.kind + " at " +
              std::to_string((event.at_ns - since_ns) / 1'000'000) + " ms;";
    }
  }
  const bool excused = most > kEventsPerCut && !fleet_.calm(Fleet::all(), since_ns, now_ns());
  std::printf("cut from %s to %s: %zu events in a node at most%s;%s\n", fleet_.name(from).c_str(),
              fleet_.name(to).c_str(), most,
              excused ? ", and the machine had stood still: excused" : "", told.c_str());
  std::fflush(stdout);
  ++(excused ? excused_ : cuts_);
  if (excused) return;
  most_events_ = std::max(most_events_, most);
  if (most > kEventsPerCut) faults_.add("a one-way cut leads to too many events");
}

void Rounds::cut() {
  for (uint32_t i = 0; i < options_.cuts; ++i) cut_once();
}

void Rounds::sever(const Indexes& one, const Indexes& other) {
  for (const size_t here : one) {
    for (const size_t there : other) {
      fleet_.network().cut(here, there);
      fleet_.network().cut(there, here);
    }
  }
}

void Rounds::partition() {
  for (uint32_t i = 0; i < options_.partitions; ++i) {
    const size_t first = anyone();
    const Indexes two{first, (first + 1 + random_() % (Fleet::size() - 1)) % Fleet::size()};
    const Indexes three = Fleet::others(two);
    const std::string who = fleet_.name(two[0]) + fleet_.name(two[1]) + " from the others";
    const int64_t since_ns = now_ns();
    sever(two, three);
    split_.add(fleet_.await_one_ring(two, since_ns), who);
    split_.add(fleet_.await_one_ring(three, since_ns), "the others");
    std::this_thread::sleep_for(std::chrono::seconds(options_.partition_seconds));
    const int64_t healed_ns = now_ns();
    fleet_.network().mend();
    heal_.add(fleet_.await_one_ring(Fleet::all(), healed_ns), who);
  }
}

void Rounds::apart() {
  fleet_.kill(Fleet::all());
  const Indexes two{0, 1};
  const Indexes three = Fleet::others(two);
  sever(two, three);
  const int64_t since_ns = fleet_.start(Fleet::all());
  fleet_.await_one_ring(two, since_ns);
  fleet_.await_one_ring(three, since_ns);
  fleet_.put_under_load(Fleet::all());
  const int64_t healed_ns = now_ns();
  fleet_.network().mend();
  apart_.add(fleet_.await_one_ring(Fleet::all(), healed_ns), "two clusters that started apart");
}

std::vector<const Measure*> Rounds::measures() const {
  return {&crash_, &silence_, &leave_, &join_, &restart_, &split_, &heal_, &apart_, &back_};
}

std::string Rounds::figures() const {
  std::string text;
  size_t excused = excused_;
  for (const Measure* measure : measures()) {
    excused += measure->excused();
    if (!measure->text().empty()) text += measure->text() + ", ";
  }
  if (wanted("slow")) {
    text += std::to_string(slow_deaths_) + " false deaths in " +
            std::to_string(options_.slow_seconds) + " s beside a slow node, ";
  }
  if (cuts_ > 0) {
    text += "at most " + std::to_string(most_events_) + " events for each of " +
            std::to_string(cuts_) + " cuts, ";
  }
  if (wanted("crash") || wanted("leave")) {
    text += "at most " + std::to_string(most_loads_) + " loads of a key for a change, ";
  }
  const bool whole = fleet_.can_cut() || !options_.only.empty();
  if (!whole) text += "neither cuts nor partitions without network namespaces, ";
  const Seen& seen = fleet_.seen();
  return text + std::to_string(seen.calls) + " calls, " + std::to_string(seen.failures) +
         " failed, " + std::to_string(excused) + " excused, " + std::to_string(faults_.count()) +
         " faults";
}

bool Rounds::wanted(const char* kind, bool possible) const {
  const bool is = options_.only == kind || (options_.only.empty() && kSlow != kind);
  if (is && !possible) std::printf("skipped: %s, no network namespaces here\n", kind);
  return is && possible;
}

void Rounds::all() {
  const bool can_cut = fleet_.can_cut();
  fleet_.await_one_ring(Fleet::all(), fleet_.start(Fleet::all()));
  fleet_.put_under_load(Fleet::all());
  if (wanted("crash")) crash();
  if (wanted("leave")) leave();
  if (wanted("silence")) silence();
  if (wanted("restart")) restart();
  if (wanted("slow")) slow();
  if (wanted("cut", can_cut)) cut();
  if (wanted("partition", can_cut)) partition();
  if (wanted("apart", can_cut)) apart();
  fleet_.end(faults_);
}

Outcome Rounds::run() {
  try {
    all();
  } catch (const cluster::HarnessFailure& failure) {
    faults_.add(failure.what());
  }
  for (const Measure* measure : measures()) measure->judge(faults_);
  const Seen& seen = fleet_.seen();
  if (seen.failures > 0) faults_.add("calls failed, the first one: " + seen.first_failure);
  return {faults_.count() == 0, figures()};
}

Outcome run_here(const RoundsOptions& options) {
  try {
    return Rounds(options, Network::leave_the_machine()).run();
  } catch (const cluster::HarnessFailure& failure) {
    return {false, failure.what()};
  }
}

}  // namespace

void RoundsOptions::lengthen() {
  crashes = leaves = 50;
  silences = cuts = partitions = 20;
  restarts = 100;
  slow_seconds = 1'800;
  partition_seconds = 10;
}

bool run_rounds(const RoundsOptions& options) {
  const auto begin = Clock::now();
  std::unique_ptr<Beside> slow;
  if (options.only.empty()) {
    RoundsOptions of_slow = options;
    of_slow.only = kSlow;
    slow = std::make_unique<Beside>([&] { return run_here(of_slow); });
  }
  auto [passed, figures] = run_here(options);
  if (slow) {
    const auto [slow_passed, slow_figures] = slow->wait();
    passed = passed && slow_passed;
    figures += "; " + slow_figures;
  }
  std::printf("cluster: %s, %ld s\n", figures.c_str(), ms_between(begin, Clock::now()) / 1'000);
  return passed;
}

}  // namespace stress
