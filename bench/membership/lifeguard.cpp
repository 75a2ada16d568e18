#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

#include "figures.h"
#include "world.h"

// The experiment of the Lifeguard paper (arXiv 1707.00788) with our messages: some members handle
// none for seconds, again and again, and the others must not be declared dead for that.
namespace bench {
namespace {

constexpr uint64_t kSeed = 1;
constexpr double kRatioGoal = 20;               // false positives: at least so many times fewer
constexpr double kLatencyGoal = 1.2;            // first detection: at most so many times later
constexpr Duration kPause = Duration::ms(500);  // between two times of being slow
constexpr Duration kSlowPhase = Duration::seconds(60);
constexpr Duration kAfterwards = Duration::seconds(20);

struct Case {
  size_t members, slow;
  int64_t held_s;
};

constexpr Case kShort[] = {{5, 1, 8}, {16, 1, 8}, {16, 4, 8}, {64, 4, 8}};
constexpr Case kLong[] = {{5, 1, 8},    {5, 1, 16},   {16, 1, 4},  {16, 4, 4},   {16, 1, 8},
                          {16, 4, 8},   {16, 1, 16},  {16, 4, 16}, {64, 1, 8},   {64, 4, 8},
                          {64, 16, 8},  {64, 1, 16},  {64, 4, 16}, {64, 16, 16}, {128, 1, 16},
                          {128, 8, 16}, {128, 32, 16}};

core::SwimOptions plain_swim() {
  core::SwimOptions options;
  options.local_health = options.shrinking_suspicion = options.buddy = false;
  return options;
}

// Members that were well all the time and were declared dead.
struct FalsePositives {
  uint64_t at_all = 0;      // by anybody
  uint64_t at_healthy = 0;  // by those that were well themselves

  FalsePositives& operator+=(const FalsePositives& other) {
    at_all += other.at_all;
    at_healthy += other.at_healthy;
    return *this;
  }
};

FalsePositives play(const Case& one, const core::SwimOptions& swim) {
  World world(one.members, swim, kSeed);
  world.form();
  world.run(Duration::seconds(5));
  const size_t well = one.members - one.slow;
  const Instant end = world.now() + kSlowPhase;
  while (world.now() < end) {
    for (size_t i = well; i < one.members; ++i) world.hold(i, Duration::seconds(one.held_s));
    world.run(Duration::seconds(one.held_s) + kPause);
  }
  world.run(kAfterwards);
  FalsePositives found;
  for (const Loss& loss : world.losses()) {
    if (loss.about >= well) continue;
    ++found.at_all;
    found.at_healthy += loss.by < well ? 1 : 0;
  }
  return found;
}

double ratio(uint64_t theirs, uint64_t ours) {
  return static_cast<double>(theirs) / static_cast<double>(ours == 0 ? 1 : ours);
}

// The smaller of both ratios.
double compare_false_positives(bool is_long) {
  std::printf(
      "\nFalse positives: healthy members declared dead while others are slow for some seconds, "
      "again and again\n for a minute. Lifeguard's paper publishes \"more than 50x\" fewer than "
      "SWIM over all its cases.\n\n"
      "%8s %6s %7s   %11s %11s   %10s %10s   %8s\n"
      "%8s %6s %7s   %11s %11s   %10s %10s   %8s\n",
      "members", "slow", "held", "plain SWIM", "at healthy", "ours", "at healthy", "fewer", "", "",
      "s", "at all", "", "at all", "", "");
  FalsePositives theirs, ours;
  const auto show = [](const Case& one, FalsePositives& plain_sum, FalsePositives& our_sum) {
    const FalsePositives plain = play(one, plain_swim());
    const FalsePositives our = play(one, {});
    std::printf("%8zu %6zu %7ld   %11lu %11lu   %10lu %10lu   %7.0fx\n", one.members, one.slow,
                one.held_s, plain.at_all, plain.at_healthy, our.at_all, our.at_healthy,
                ratio(plain.at_all, our.at_all));
    plain_sum += plain;
    our_sum += our;
  };
  if (is_long) {
    for (const Case& one : kLong) show(one, theirs, ours);
  } else {
    for (const Case& one : kShort) show(one, theirs, ours);
  }
  const double at_all = ratio(theirs.at_all, ours.at_all);
  const double at_healthy = ratio(theirs.at_healthy, ours.at_healthy);
  std::printf("%8s %6s %7s   %11lu %11lu   %10lu %10lu   %7.0fx  (at healthy %.0fx, goal %.0fx)\n",
              "all", "", "", theirs.at_all, theirs.at_healthy, ours.at_all, ours.at_healthy, at_all,
              at_healthy, kRatioGoal);
  return std::min(at_all, at_healthy);
}

// What each of Lifeguard's parts is worth, alone.
void show_parts() {
  const Case one{64, 16, 8};
  std::printf("\nEach part alone, %zu members of which %zu are slow for %ld s at a time:\n",
              one.members, one.slow, one.held_s);
  const auto show = [&](const char* name, const core::SwimOptions& swim) {
    const FalsePositives found = play(one, swim);
    std::printf("  %-22s %8lu false positives, %8lu at healthy members\n", name, found.at_all,
                found.at_healthy);
  };
  core::SwimOptions swim = plain_swim();
  show("none: plain SWIM", swim);
  swim.buddy = true;
  show("buddy", swim);
  swim = plain_swim();
  swim.local_health = true;
  show("local health", swim);
  swim = plain_swim();
  swim.shrinking_suspicion = true;
  show("shrinking suspicion", swim);
  show("all three", {});
}

// Milliseconds from the moment a member falls silent until the first and until the last other one
// has removed it.
struct Latency {
  std::vector<int64_t> first, last;
};

Latency silence_some(size_t members, const core::SwimOptions& swim, size_t times) {
  World world(members, swim, kSeed);
  world.form();
  Latency latency;
  for (size_t i = 0; i < times; ++i) {
    const size_t node = world.join();
    world.run_until([&] { return world.all_see_all(); }, Duration::seconds(60));
    world.run(Duration::seconds(2));
    const size_t before = world.losses().size();
    const Instant at = world.now();
    world.silence(node, Duration::max());
    world.run_until([&] { return world.all_see_all(); }, Duration::seconds(120));
    int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
    for (size_t k = before; k < world.losses().size(); ++k) {
      if (world.losses()[k].about != node) continue;
      first = std::min(first, (world.losses()[k].at - at).as_ms());
      last = std::max(last, (world.losses()[k].at - at).as_ms());
    }
    latency.first.push_back(first);
    latency.last.push_back(last);
  }
  return latency;
}

// The worst ratio.
double compare_latency(bool is_long) {
  std::printf(
      "\nDetection: ms from a host's silence, of which only probes tell, to its removal. The paper "
      "publishes\n \"modestly increasing failure detection latency\".\n\n"
      "%8s   %16s %16s   %16s %16s   %8s\n",
      "members", "plain: first p50", "everywhere p50", "ours: first p50", "everywhere p50",
      "later");
  std::vector<size_t> sizes{16, 64};
  if (is_long) sizes.push_back(128);
  double worst = 0;
  for (const size_t members : sizes) {
    const size_t times = is_long ? 40 : 6;
    const Latency plain = silence_some(members, plain_swim(), times);
    const Latency ours = silence_some(members, {}, times);
    const double later = static_cast<double>(percentile(ours.first, 50)) /
                         static_cast<double>(percentile(plain.first, 50));
    std::printf("%8zu   %16ld %16ld   %16ld %16ld   %7.2fx\n", members, percentile(plain.first, 50),
                percentile(plain.last, 50), percentile(ours.first, 50), percentile(ours.last, 50),
                later);
    worst = std::max(worst, later);
  }
  std::printf("%8s   goal: the first at most %.1fx later\n", "", kLatencyGoal);
  return worst;
}

}  // namespace

Verdict run_lifeguard(bool is_long) {
  Verdict verdict;
  verdict.fewer = compare_false_positives(is_long);
  if (is_long) show_parts();
  verdict.later = compare_latency(is_long);
  verdict.met = verdict.fewer >= kRatioGoal && verdict.later <= kLatencyGoal;
  return verdict;
}

}  // namespace bench
